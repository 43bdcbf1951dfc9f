// Whether a plan may be applied by a machine: a pure decision about the plan's JSON. In doubt it refuses.
import { createHash } from 'node:crypto';

import { knewNothing, realChanges, type Plan, type ResourceChange, type Values } from './plan.ts';
import { COMES_BACK_EMPTY, FAMILY_NAMES, NEVER_CHANGED, NEVER_CREATED, familyOf, inFamily } from './resource-types.ts';

export interface Envelope {
  readonly resourceType: string;
  readonly maxChanges: number;
  /** Buckets and tables that recovery stands on: its states, locks, roots and its own program. */
  readonly plane: readonly string[];
}

export interface PlannedChange {
  readonly address: string;
  readonly type: string;
  readonly action: string;
  /** What an update changes, by name: values may be secret. */
  readonly attributes: readonly string[];
}

export interface Refusal {
  readonly rule: string;
  /** What is refused, and why. */
  readonly reason: string;
  readonly wayOn: string;
}

/** Something that is created anew, without what was in it. */
export interface Emptied {
  readonly address: string;
  readonly type: string;
  readonly name: string;
}

export interface Decision {
  readonly verdict: 'restore' | 'nothing-to-do' | 'refused';
  readonly changes: readonly PlannedChange[];
  readonly refusals: readonly Refusal[];
  readonly emptied: readonly Emptied[];
  /** Names the set of changes: a fresh plan of the same changes has the same digest. */
  readonly digest: string;
}

/** Decides on the whole plan; a single refusal refuses all of it. */
export function guard(plan: Plan, envelope: Envelope): Decision {
  const changes = realChanges(plan);
  const refusals = RULES.flatMap((rule) => rule(changes, envelope, plan) ?? []);
  return {
    verdict: refusals.length > 0 ? 'refused' : changes.length > 0 ? 'restore' : 'nothing-to-do',
    changes: changes.map(describeChange),
    refusals,
    emptied: changes.flatMap(emptiedBy),
    digest: digestOf(changes),
  };
}

type GuardRule = (changes: readonly ResourceChange[], envelope: Envelope, plan: Plan) => Refusal | undefined;

const BY_HAND = 'A person reviews it with `plinth plan` and applies it with `plinth apply`.';

const RULES: readonly GuardRule[] = [
  function unfinished(_changes, _envelope, plan) {
    const known = plan.format_version?.startsWith('1.') === true;
    if (known && plan.errored !== true) return undefined;
    return {
      rule: 'unfinished-plan',
      reason: known
        ? 'the plan ended with errors'
        : `plan format ${plan.format_version ?? 'unknown'} is not understood`,
      wayOn: 'See the errors above; nothing was changed.',
    };
  },
  function emptyState(changes, _envelope, plan) {
    if (changes.length === 0 || !knewNothing(plan)) return undefined;
    return {
      rule: 'empty-state',
      reason: 'the state is empty, so everything would be created once more beside what may still be there',
      wayOn: 'Restore the newest good version of the state object in the state bucket, then start again.',
    };
  },
  function unknownType(_changes, { resourceType }) {
    if (familyOf(resourceType) !== undefined) return undefined;
    return {
      rule: 'unknown-resource-type',
      reason: `RESOURCE_TYPE ${resourceType} is not known: an empty selection means nothing, not everything`,
      wayOn: `Use one of: ${FAMILY_NAMES.join(', ')}.`,
    };
  },
  (changes) =>
    refuse(changes, 'deletes', ({ change }) => change.actions.includes('delete') || change.actions.includes('forget'), {
      reason: 'would be deleted, replaced or forgotten: recovery adds and mends, it never takes away',
      wayOn: BY_HAND,
    }),
  (changes) =>
    refuse(changes, 'imports', ({ change }) => change.importing !== undefined, {
      reason: 'would be imported, which always needs a person',
      wayOn: BY_HAND,
    }),
  (changes, { plane }) =>
    refuse(changes, 'own-plane', (change) => isPermission(change) || onPlane(change, plane), {
      reason:
        'is part of what recovery stands on, or allows somebody something: a program never widens its own permission',
      wayOn: BY_HAND,
    }),
  (changes) =>
    refuse(changes, 'data-loss', ({ type, change }) => creates(change.actions) && NEVER_CREATED.includes(type), {
      reason: 'would come back without its data and look restored',
      wayOn: 'Restore it from its backup, import it with `plinth import`, then plan again.',
    }),
  (changes, { resourceType }) => {
    const family = familyOf(resourceType);
    if (family === undefined) return undefined;
    return refuse(changes, 'outside-envelope', (change) => !inFamily(family, change.type) && !isPermission(change), {
      reason: `is not part of what is to be recovered (${family})`,
      wayOn: 'Start one recovery for each kind of resource that was lost.',
    });
  },
  (changes, { maxChanges }) => {
    if (changes.length <= maxChanges) return undefined;
    return {
      rule: 'blast-radius',
      reason: `${changes.length} resources would change; ${maxChanges} is the most that one recovery may`,
      wayOn: `${BY_HAND} Or allow more for this build: PLINTH_MAX_CHANGES.`,
    };
  },
];

function refuse(
  changes: readonly ResourceChange[],
  rule: string,
  applies: (change: ResourceChange) => boolean,
  { reason, wayOn }: { reason: string; wayOn: string },
): Refusal | undefined {
  const found = changes.filter(applies).map(({ address }) => address);
  return found.length === 0 ? undefined : { rule, reason: `${found.join(', ')} ${reason}`, wayOn };
}

const creates = (actions: readonly string[]): boolean => actions.includes('create');

const isPermission = ({ type }: ResourceChange): boolean => NEVER_CHANGED.some((prefix) => type.startsWith(prefix));

const onPlane = ({ change: { before, after } }: ResourceChange, plane: readonly string[]): boolean =>
  [before, after].some((values) =>
    ['bucket', 'name', 'id'].some((attribute) => plane.some((name) => name === values?.[attribute])),
  );

const describeChange = ({ address, type, change }: ResourceChange): PlannedChange => ({
  address,
  type,
  action: change.actions.join(' and '),
  attributes: change.actions.includes('update') ? changedAttributes(change.before, change.after) : [],
});

const changedAttributes = (before: Values | null, after: Values | null): string[] =>
  [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
    .filter((name) => canonical(before?.[name]) !== canonical(after?.[name]))
    .sort();

function emptiedBy({ address, type, change }: ResourceChange): Emptied[] {
  const stateful = COMES_BACK_EMPTY[type];
  if (!stateful || !creates(change.actions)) return [];
  const name = change.after?.[stateful.name];
  return [{ address, type, name: typeof name === 'string' ? name : '' }];
}

function digestOf(changes: readonly ResourceChange[]): string {
  const parts = changes.map(({ address, change }) => canonical([address, change.actions, change.before, change.after]));
  return createHash('sha256').update(parts.sort().join('\n')).digest('hex');
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  ) ?? '';
