// Drift of one root: a refresh-only plan, which asks every resource how it is and compares it with the state.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { runInRoot, type Root } from './root.ts';

export interface DriftReport {
  readonly stack: string;
  readonly resources: readonly {
    readonly address: string;
    readonly type: string;
    readonly what: 'deleted' | 'changed';
    /** The attributes that differ, at their first level. */
    readonly attributes: readonly string[];
  }[];
}

interface PlanJson {
  readonly resource_drift?: readonly {
    readonly address: string;
    readonly type: string;
    readonly change: {
      readonly actions: readonly string[];
      readonly before: Attributes | null;
      readonly after: Attributes | null;
    };
  }[];
}

type Attributes = Readonly<Record<string, unknown>>;

const PLAN = 'drift.bin';

export async function findDrift(root: Root, say: (detail: string) => void): Promise<DriftReport> {
  await runInRoot(root, ['plan', '-json', '-input=false', '-refresh-only', `-out=${PLAN}`, '-lock-timeout=20s'], {
    onEvent: (event) => {
      if (event.type === 'refresh_start') say(`reading ${event.hook?.resource.addr ?? ''}`);
    },
  });
  const { output } = await runInRoot(root, ['show', '-json', '-no-color', PLAN]);
  await rm(join(root.folder, PLAN), { force: true });
  const { resource_drift: drift = [] } = JSON.parse(output) as PlanJson;
  const resources = drift.map(({ address, type, change }) => ({
    address,
    type,
    what: change.after === null ? ('deleted' as const) : ('changed' as const),
    attributes: change.after === null ? [] : differing(change.before ?? {}, change.after),
  }));
  // Terraform also lists what a refresh merely fills in; only what a person could see differ is drift.
  const real = resources.filter(({ what, attributes }) => what === 'deleted' || attributes.length > 0);
  say(real.length === 0 ? 'no drift' : `${real.length} drifted`);
  return { stack: root.stack.name, resources: real };
}

const differing = (before: Attributes, after: Attributes): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null),
  );
