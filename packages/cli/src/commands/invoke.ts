// plinth invoke: a function of a system with an event of yours.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import { command } from '../command.ts';
import { requireDeployed } from '../deploy.ts';
import { badEvent, unknownFunction } from '../errors.ts';
import { readState } from '../root.ts';
import { sdkConfiguration } from '../sdk.ts';
import { systemNames } from '../systems.ts';
import { findUnit, unitsOf, writtenUnitNames } from '../units.ts';

interface InvokeAnswer {
  readonly function: string;
  /** The function's answer, or its error. */
  readonly payload: unknown;
  readonly failed: boolean;
  /** The last lines of its log. */
  readonly log: readonly string[];
}

export const invoke = command<InvokeAnswer>({
  summary: 'Invoke a function of a system, and wait for its answer. Leaves with 1 where the function fails.',
  args: '<system> <function>',
  arity: [2, 2],
  options: {
    event: {
      type: 'string',
      value: 'FILE|-',
      summary: 'a file with the event in JSON, - for standard input (default: {})',
    },
  },
  examples: [
    ['plinth invoke fp-calibration calibration --event event.json', 'by the name that it has in the stack'],
    [
      `echo '{"method": "GET", "path": "/v1/calibration/MD-001"}' | plinth invoke fp-calibration calibration --event -`,
      'an event from standard input',
    ],
    ['plinth invoke fp-calibration freeze-weeks --json', 'with the last lines of its log, as data'],
  ],
  complete: async ([system, ...rest], context) => {
    if (system === undefined) return systemNames(context);
    return rest.length === 0 ? writtenUnitNames(context, system, ['function']) : [];
  },
  run: async ({ args: [system = '', name = ''], options }, context) => {
    const event = await readEvent(options['event']);
    const roots = await requireDeployed([system], options, context);
    const states = await Promise.all(roots.map(readState));
    const functions = unitsOf(states.flatMap(({ resources }) => resources)).filter(({ kind }) => kind === 'function');
    const found = findUnit(functions, name);
    if (!found) throw unknownFunction(system, name, functions);
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    // A function may run for a quarter of an hour; a second attempt would be a second invocation.
    const client = new LambdaClient({
      ...sdkConfiguration(roots[0].target),
      maxAttempts: 1,
      requestHandler: { requestTimeout: LONGEST_RUN },
    });
    try {
      const answer = await client.send(
        new InvokeCommand({ FunctionName: found.fullName, Payload: Buffer.from(event), LogType: 'Tail' }),
        { abortSignal: context.signal },
      );
      return {
        function: found.fullName,
        payload: parsed(Buffer.from(answer.Payload ?? []).toString()),
        failed: answer.FunctionError !== undefined,
        log: Buffer.from(answer.LogResult ?? '', 'base64')
          .toString()
          .trimEnd()
          .split('\n'),
      };
    } finally {
      client.destroy();
    }
  },
  render: ({ function: name, payload, failed, log }) => {
    const shown = JSON.stringify(payload, null, 2) ?? '';
    return failed ? `${name} failed: ${describe(payload)}\n\n${shown}\n\n${log.join('\n')}` : shown;
  },
  exitCode: ({ failed }) => (failed ? 1 : 0),
});

/** Fifteen minutes and some, in milliseconds. */
const LONGEST_RUN = 16 * 60_000;

async function readEvent(file: string | boolean | undefined): Promise<string> {
  if (file === undefined) return '{}';
  const name = String(file);
  try {
    const event = name === '-' ? await text(process.stdin) : await readFile(name, 'utf8');
    JSON.parse(event);
    return event;
  } catch (error) {
    if (error instanceof SyntaxError || 'code' in (error as Error)) throw badEvent(name, (error as Error).message);
    throw error;
  }
}

/** Undefined for a function that answers nothing. */
const parsed = (payload: string): unknown => (payload === '' ? undefined : (JSON.parse(payload) as unknown));

function describe(payload: unknown): string {
  const { errorType = 'Error', errorMessage = '' } = (payload ?? {}) as { errorType?: string; errorMessage?: string };
  return `${errorType}: ${errorMessage}`;
}
