// The four tables: consents, what is published, anonymous events, and the counters of blocks and requests.
import { Table, type Stack } from '@plinth/blocks';

import { tableName, TABLES, type EnvironmentName } from '../../contract.ts';

export type Tables = ReturnType<typeof tables>;

export function tables(stack: Stack, environment: EnvironmentName) {
  const pointInTimeRecovery = stack.switch(
    'enable_point_in_time_recovery',
    true,
    'Whether each table can be restored to any second of the last 35 days',
  );
  const deletionProtection = stack.switch(
    'enable_deletion_protection',
    stack.production,
    'Whether tables refuse to be deleted; on in production, off in staging',
  );
  const care = { pointInTimeRecovery, deletionProtection };
  const made = {
    consent: new Table(stack, 'consent_store', {
      ...TABLES.consent,
      ...care,
      name: tableName('consent', environment),
    }),
    calibration: new Table(stack, 'calibration_store', {
      ...TABLES.calibration,
      ...care,
      name: tableName('calibration', environment),
    }),
    events: new Table(stack, 'fp_events', { ...TABLES.events, ...care, name: tableName('events', environment) }),
    counter: new Table(stack, 'block_counter', {
      ...TABLES.counter,
      ...care,
      name: tableName('counter', environment),
    }),
  };
  for (const [output, table, what] of [
    ['consent_store_table', made.consent, 'consents'],
    ['calibration_store_table', made.calibration, 'published cells'],
    ['fp_events_table', made.events, 'anonymous events'],
    ['block_counter_table', made.counter, 'counters and breakers'],
  ] as const) {
    stack.output(`${output}_name`, table.resource.name, `The table of ${what}`);
    stack.output(`${output}_arn`, table.resource.arn, `Its ARN`);
  }
  return made;
}
