// The functions of the contract, each with what it says that they need: none that writes events can read them, none that
// answers questions can see anything but what is published.
import { bundleNode, Function, Queue, Schedule, type Archive, type Key, type Secret, type Stack } from '@plinth/blocks';

import { BREAKER, FUNCTIONS, SALT, VARIABLES, type EnvironmentName, type FunctionShape } from '../../contract.ts';
import type { Tables } from './tables.ts';

export type FunctionId = keyof typeof FUNCTIONS;

export interface Functions {
  readonly functions: Readonly<Record<FunctionId, Function>>;
  readonly queue: Queue;
}

interface Parts {
  readonly tables: Tables;
  readonly secret: Secret;
  readonly key: Key;
}

/** A batch from the queue is hidden for longer than its function may take: by six, as AWS advises. */
const VISIBILITY_SECONDS = 6 * FUNCTIONS['ingest-batch'].timeoutSeconds;

export const functionName = (id: FunctionId, environment: EnvironmentName): string =>
  `phase-mirror-fp-${id}-${environment}`;

export async function functions(stack: Stack, environment: EnvironmentName, parts: Parts): Promise<Functions> {
  const bundles = await bundleAll();
  const values = valuesOf(stack, environment, parts.tables);
  const make = (id: FunctionId): Function => {
    const { description, memoryMegabytes, timeoutSeconds, variables }: FunctionShape = FUNCTIONS[id];
    return new Function(stack, id, {
      name: functionName(id, environment),
      description,
      bundle: bundles[id],
      memoryMegabytes,
      timeoutSeconds,
      environment: Object.fromEntries(variables.map((name) => [VARIABLES[name], values[name]])),
    });
  };
  const made = forEachFunction(make);
  for (const id of FUNCTION_IDS) if (FUNCTIONS[id].trigger !== 'rotation') permit(made[id], FUNCTIONS[id], parts);

  for (const id of FUNCTION_IDS) {
    const { trigger, description }: FunctionShape = FUNCTIONS[id];
    if (typeof trigger !== 'object') continue;
    // Its role has its name: it may not be the function's.
    const name = `phase-mirror-${id}-${environment}`;
    new Schedule(stack, `${id}_schedule`, { name, description, expression: trigger.schedule, target: made[id] });
  }
  const { saltStages: reads } = FUNCTIONS['rotate-salt'].allows;
  parts.secret.rotate(made['rotate-salt'], { days: SALT.rotationDays, reads });
  const queue = new Queue(stack, 'events_queue', {
    name: `phase-mirror-fp-events-${environment}`,
    visibilityTimeoutSeconds: VISIBILITY_SECONDS,
  });
  made['ingest-batch'].consume(queue);
  return { functions: made, queue };
}

const FUNCTION_IDS = Object.keys(FUNCTIONS) as FunctionId[];

const forEachFunction = <T>(make: (id: FunctionId) => T): Record<FunctionId, T> =>
  Object.fromEntries(FUNCTION_IDS.map((id) => [id, make(id)])) as Record<FunctionId, T>;

async function bundleAll(): Promise<Record<FunctionId, Archive>> {
  const bundles = await Promise.all(
    FUNCTION_IDS.map((id) =>
      bundleNode({
        entry: new URL(`../../app/handlers/${FUNCTIONS[id].entry}`, import.meta.url),
        file: 'index.mjs',
        target: 'node24',
      }),
    ),
  );
  return Object.fromEntries(FUNCTION_IDS.map((id, index) => [id, bundles[index]])) as Record<FunctionId, Archive>;
}

const valuesOf = (
  stack: Stack,
  environment: EnvironmentName,
  tables: Tables,
): Readonly<Record<keyof typeof VARIABLES, string>> => ({
  environment,
  consentTable: tables.consent.name,
  calibrationTable: tables.calibration.name,
  eventsTable: tables.events.name,
  counterTable: tables.counter.name,
  saltSecret: SALT.secretName(environment),
  blockThreshold: String(stack.production ? BREAKER.threshold.production : BREAKER.threshold.default),
  cooldownHours: String(BREAKER.cooldownHours.default),
});

function permit(fn: Function, { allows }: FunctionShape, { tables, secret, key }: Parts): void {
  const { salt = [], saltStages, ...onTables } = allows;
  const resources: Readonly<Record<keyof typeof onTables, string>> = {
    consent: tables.consent.arn,
    calibration: tables.calibration.arn,
    calibrationIndex: `${tables.calibration.arn}/index/rule-index`,
    events: tables.events.arn,
    eventsIndex: `${tables.events.arn}/index/rule-index`,
    counter: tables.counter.arn,
  };
  for (const [on, actions] of Object.entries(onTables)) {
    fn.role.allow({ actions: actions as `dynamodb:${string}`[], resources: [resources[on as keyof typeof resources]] });
  }
  for (const action of salt as readonly `secretsmanager:${string}`[]) {
    const reads = action === 'secretsmanager:GetSecretValue';
    fn.role.allow({
      actions: [action],
      resources: [secret.arn],
      // The salts in force, and no pending one that may yet be thrown away.
      ...(reads && saltStages && { conditions: { StringEquals: { 'secretsmanager:VersionStage': saltStages } } }),
    });
    if (reads) key.grantDecrypt(fn, 'secretsmanager');
  }
}
