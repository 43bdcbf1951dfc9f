import { describe, expect, test } from 'vitest';

import { guard, type Envelope } from './guard.ts';
import { describeLock } from './lock.ts';
import type { Plan } from './plan.ts';
import { describeDecision } from './report.ts';

const envelope: Envelope = { resourceType: 'dynamodb', maxChanges: 5, plane: [] };
const plan = (type: string, actions: string[]): Plan => ({
  format_version: '1.2',
  resource_changes: [
    {
      address: `${type}.incidents`,
      mode: 'managed',
      type,
      change: { actions, before: null, after: { name: 'aiops-incidents' } },
    },
  ],
  prior_state: { values: { root_module: { resources: [{ mode: 'managed' }] } } },
});
const backup = {
  name: 'aiops-incidents$DeletedTableBackup',
  arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/aiops-incidents/backup/01',
  takenAt: '2026-11-20T12:00:00.000Z',
};

describe('describeDecision', () => {
  const decision = guard(plan('aws_dynamodb_table', ['create']), envelope);
  const losses = decision.emptied;
  const text = (found: Parameters<typeof describeDecision>[1]) =>
    describeDecision(decision, found, envelope).slice(1).join('\n');

  test('a re-created table is said to be empty, with the backup that has its items', () => {
    expect(text(losses.map((each) => ({ ...each, backup })))).toMatchInlineSnapshot(`
      "  + aws_dynamodb_table.incidents: create
      Guard: restoring (only dynamodb, at most 5 changes, no deletes, no replacements).
      EMPTY: aws_dynamodb_table.incidents is created anew: the table aiops-incidents comes back empty, its items are gone.
        What was in it is in the backup aiops-incidents$DeletedTableBackup of 2026-11-20T12:00:00.000Z.
        To have it back, restore it into a table of its own, and copy from there what is wanted:
          aws dynamodb restore-table-from-backup --target-table-name aiops-incidents-restored --backup-arn 'arn:aws:dynamodb:us-east-1:123456789012:table/aiops-incidents/backup/01'"
    `);
  });

  test('a table without a backup is said to have none', () => {
    expect(text(losses)).toContain('DynamoDB lists no backup of it.');
  });

  test('not being able to ask is not the same as no backup', () => {
    expect(text(losses.map((each) => ({ ...each, unknown: 'AccessDeniedException: no' })))).toContain(
      'Whether there is a backup could not be asked: AccessDeniedException: no',
    );
  });

  test('a refusal says that nothing was changed, why, and how to go on', () => {
    const refused = guard(plan('aws_dynamodb_table', ['delete']), envelope);

    expect(describeDecision(refused, [], envelope).slice(1).join('\n')).toMatchInlineSnapshot(`
      "  ! aws_dynamodb_table.incidents: delete
      Guard: REFUSED, nothing was changed.
        deletes: aws_dynamodb_table.incidents would be deleted, replaced or forgotten: recovery adds and mends, it never takes away.
          A person reviews it with \`plinth plan\` and applies it with \`plinth apply\`."
    `);
  });
});

describe('describeLock', () => {
  const lock = { id: 'b3c1', who: 'ana@laptop', operation: 'OperationTypeApply', created: '2026-11-20T12:00:00Z' };

  test('names the holder before the wait begins', () => {
    expect(describeLock(lock, '5m').join('\n')).toMatchInlineSnapshot(`
      "The state is locked by ana@laptop since 2026-11-20T12:00:00Z (OperationTypeApply, lock id b3c1).
      Waiting up to 5m for it. If its holder is gone for good: terraform force-unlock b3c1"
    `);
    expect(describeLock(undefined, '5m')).toEqual(['The state is not locked.']);
  });
});
