// Invoke: at once, later, or only asked whether. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
import type { InvokeCommandInput } from '@aws-sdk/client-lambda';

import { requireOneOf } from '../../kernel/constraint.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onFunction } from './access.ts';
import { invalidParameter, tooLarge, validation } from './errors.ts';
import type { Lambda } from './service.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_PAYLOAD = 6 * 1024 * 1024;
const LARGEST_EVENT = 1024 * 1024;
const LARGEST_CONTEXT = 3_583;

export function invokeOperations(lambda: Lambda) {
  const { functions, invoker, events } = lambda;
  return {
    Invoke: {
      access: (input: InvokeCommandInput, call: Call): Access[] => [
        onFunction(functions, 'InvokeFunction', call, input),
      ],
      run: async (input: InvokeCommandInput, call: Call) => {
        requireOneOf(input.InvocationType, 'invocationType', ['Event', 'RequestResponse', 'DryRun'], validation);
        requireOneOf(input.LogType, 'logType', ['None', 'Tail'], validation);
        const target = functions.target(call, input.FunctionName, input.Qualifier);
        const kind = input.InvocationType ?? 'RequestResponse';
        const payload = readPayload(
          input.Payload as Uint8Array | undefined,
          kind === 'Event' ? LARGEST_EVENT : LARGEST_PAYLOAD,
        );
        const clientContext = readContext(input.ClientContext);
        const traceId = call.headers['x-amzn-trace-id'];
        if (kind === 'DryRun') return { StatusCode: 204 };
        if (kind === 'Event') {
          events.accept({ target, payload, requestId: call.requestId, traceId, clientContext });
          return { StatusCode: 202 };
        }
        const result = await invoker.run({ target, payload, requestId: call.requestId, traceId, clientContext });
        return {
          StatusCode: 200,
          ExecutedVersion: result.version,
          Payload: Buffer.from(result.payload),
          ...(result.failed && { FunctionError: 'Unhandled' }),
          ...(input.LogType === 'Tail' && { LogResult: Buffer.from(result.log).toString('base64') }),
        };
      },
    },
  };
}

function readPayload(bytes: Uint8Array | undefined, limit: number): string {
  if (bytes === undefined || bytes.length === 0) return '{}';
  if (bytes.length > limit) throw tooLarge(limit, 'InvokeFunction');
  const text = Buffer.from(bytes).toString();
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: Could not parse payload into json: ${(error as Error).message}`,
      { members: { Type: 'User' } },
    );
  }
}

function readContext(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (text.length > LARGEST_CONTEXT)
    throw invalidParameter(`ClientContext must not be longer than ${LARGEST_CONTEXT} bytes.`);
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString()) as unknown;
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Client context must be a valid Base64-encoded JSON object.');
  }
}
