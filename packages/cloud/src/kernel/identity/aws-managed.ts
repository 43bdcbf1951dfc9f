// The AWS-managed policies that the cloud knows: those that systems attach, each in the version that AWS publishes.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html, captured 2026-11.
import { createHash } from 'node:crypto';

import published from './aws-managed-policies.json' with { type: 'json' };
import type { ManagedPolicy } from './directory.ts';

interface Published {
  /** The default version; AWS has deleted or hidden those before it. */
  readonly version: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly document: object;
}

const POLICIES: Readonly<Record<string, Published>> = published;

const PREFIX = 'arn:aws:iam::aws:policy/';

const made = new Map<string, ManagedPolicy>();

/** AWS's policy with this ARN; undefined for one that the cloud does not know. */
export function findManaged(arn: string): ManagedPolicy | undefined {
  const known = made.get(arn);
  if (known) return known;
  const id = arn.startsWith(PREFIX) ? arn.slice(PREFIX.length) : '';
  const found = Object.hasOwn(POLICIES, id) ? POLICIES[id] : undefined;
  if (!found) return undefined;
  const slash = id.lastIndexOf('/') + 1;
  const createdAt = Date.parse(found.createdAt);
  const updatedAt = Date.parse(found.updatedAt);
  const policy: ManagedPolicy = {
    arn,
    id: idOf(id),
    name: id.slice(slash),
    path: `/${id.slice(0, slash)}`,
    createdAt,
    updatedAt,
    versions: [{ id: found.version, document: JSON.stringify(found.document), createdAt: updatedAt }],
    nextVersion: Number(found.version.slice(1)) + 1,
    defaultVersion: found.version,
    tags: {},
  };
  made.set(arn, policy);
  return policy;
}

export const allManaged = (): ManagedPolicy[] => Object.keys(POLICIES).map((id) => findManaged(PREFIX + id)!);

// AWS publishes no unique ids of its policies; these are made of their names, so that they stay.
const idOf = (id: string): string => `ANPA${createHash('sha256').update(id).digest('hex').toUpperCase().slice(0, 16)}`;
