// How AWS's example policies are held against the evaluator: a policy, and requests with what becomes of them.
import { expect } from 'vitest';

import { decide, type NamedPolicy } from './decision.ts';
import { contextFrom } from './explanation.ts';
import type { Principal } from './principal.ts';

export const account = '111122223333';

const ann: Principal = { kind: 'user', account, arn: `arn:aws:iam::${account}:user/ann`, id: 'AIDAANN', name: 'ann' };

export interface Example {
  readonly name: string;
  /** The page of the documentation, below `IAM/latest/UserGuide/` where it does not say. */
  readonly source: string;
  readonly identity?: readonly object[];
  readonly resource?: readonly object[];
  readonly boundary?: readonly object[];
  /** Who asks. @default a user called ann */
  readonly principal?: Principal;
  /** Action, resource, context, and whether it is allowed. */
  readonly requests: readonly (readonly [string, string, Record<string, string | string[]>, boolean])[];
}

export const everything = { Effect: 'Allow', Action: '*', Resource: '*' };

export function expectExample({ identity, resource, boundary, principal = ann, requests }: Example): void {
  for (const [action, arn, context, allowed] of requests) {
    const decision = decide(
      {
        principal,
        action,
        resource: arn,
        context: contextFrom(Object.entries(context)),
        resourcePolicy: resource && policy(resource),
      },
      { identity: identity ? [policy(identity)] : [], boundary: boundary && policy(boundary), session: [] },
    );
    expect([action, arn, context, decision.allowed]).toEqual([action, arn, context, allowed]);
  }
}

function policy(statements: readonly object[]): NamedPolicy {
  return { name: 'p', document: JSON.stringify({ Version: '2012-10-17', Statement: statements }) };
}
