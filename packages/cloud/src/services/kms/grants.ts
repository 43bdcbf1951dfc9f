// Grants: what a key lets somebody do beside its policy. https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
import type { GrantConstraints, GrantListEntry, GrantOperation } from '@aws-sdk/client-kms';

import { Remembered } from '../../kernel/remembered.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { EncryptionContext } from './ciphertext.ts';
import type { Key } from './keys.ts';

export interface Grant {
  readonly id: string;
  readonly token: string;
  readonly keyId: string;
  readonly region: string;
  readonly name?: string | undefined;
  readonly createdAt: number;
  /** The ARN of somebody, or the name of a service. */
  readonly grantee: string;
  readonly retiring?: string | undefined;
  readonly operations: readonly GrantOperation[];
  readonly constraints: GrantConstraints;
}

/** What a grant is asked to allow. */
export interface GrantRequest {
  readonly operation: string;
  readonly encryptionContext?: EncryptionContext | undefined;
  readonly sourceArn?: string | undefined;
  /** For CreateGrant, the operations of the new grant: a grant passes on no more than it has. */
  readonly passedOn?: readonly GrantOperation[] | undefined;
}

export class Grants {
  readonly #grants: Collection<Grant>;
  readonly #ofKeys: Remembered<readonly Grant[]>;

  constructor(store: Store) {
    this.#grants = store.collection<Grant>('kms.grants');
    this.#ofKeys = new Remembered(store, (prefix) => this.#grants.list({ prefix }).map(({ value }) => value));
  }

  save(grant: Grant): void {
    this.#grants.put(placeOf(grant), grant);
    this.#ofKeys.forget(prefixOf(grant.region, grant.keyId));
  }

  delete(grant: Grant): void {
    this.#grants.delete(placeOf(grant));
    this.#ofKeys.forget(prefixOf(grant.region, grant.keyId));
  }

  ofKey({ region, id }: Pick<Key, 'region' | 'id'>): readonly Grant[] {
    return this.#ofKeys.get(prefixOf(region, id));
  }

  inRegion(region: string): Grant[] {
    return this.#grants.list({ prefix: `${region}|` }).map(({ value }) => value);
  }

  deleteOf(key: Key): void {
    for (const grant of this.ofKey(key)) this.delete(grant);
  }
}

/** The key's policy with a statement for each grant that allows this, so that IAM decides on both at once. */
export function policyWith(key: Key, grants: readonly Grant[], request: GrantRequest): string {
  const statements = grants.filter((grant) => allows(grant, request)).map(statementOf);
  const { operation } = request;
  // Who may retire a grant is said by the grant, whatever it allows. https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
  if (operation === 'RetireGrant') {
    for (const grant of grants) if (grant.retiring) statements.push(retiringStatement(grant, grant.retiring));
  }
  if (statements.length === 0) return key.policy;
  const policy = JSON.parse(key.policy) as { Statement: unknown };
  return JSON.stringify({ ...policy, Statement: [policy.Statement, statements].flat() });
}

/** As ListGrants shows it. */
export const toGrantEntry = (grant: Grant, keyArn: string, account: string): GrantListEntry => ({
  KeyId: keyArn,
  GrantId: grant.id,
  Name: grant.name ?? '',
  CreationDate: new Date(grant.createdAt),
  ...(isService(grant.grantee)
    ? { GranteePrincipal: grant.grantee, GranteeServicePrincipal: grant.grantee }
    : { GranteePrincipal: grant.grantee }),
  ...(grant.retiring !== undefined && { RetiringPrincipal: grant.retiring }),
  IssuingAccount: `arn:aws:iam::${account}:root`,
  Operations: [...grant.operations],
  ...(Object.keys(grant.constraints).length > 0 && { Constraints: grant.constraints }),
});

export const isService = (name: string): boolean => name.endsWith('.amazonaws.com');

function allows({ operations, constraints }: Grant, request: GrantRequest): boolean {
  const { operation, encryptionContext = {}, sourceArn, passedOn } = request;
  if (!operations.includes(operation as GrantOperation)) return false;
  if (passedOn?.some((passed) => !operations.includes(passed))) return false;
  if (constraints.SourceArn !== undefined && constraints.SourceArn !== sourceArn) return false;
  // What has no encryption context, such as DescribeKey, is not constrained by one.
  if (!CRYPTOGRAPHIC.has(operation)) return true;
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = constraints;
  const holds = Object.entries(subset ?? equal ?? {}).every(([name, value]) => encryptionContext[name] === value);
  return holds && (!equal || Object.keys(encryptionContext).length === Object.keys(equal).length);
}

const CRYPTOGRAPHIC = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
]);

const statementOf = ({ id, grantee, operations }: Grant) => ({
  Sid: `grant ${id}`,
  Effect: 'Allow',
  Principal: isService(grantee) ? { Service: grantee } : { AWS: grantee },
  Action: operations.map((operation) => `kms:${operation}`),
  Resource: '*',
});

const retiringStatement = ({ id }: Grant, retiring: string) => ({
  Sid: `grant ${id}`,
  Effect: 'Allow',
  Principal: isService(retiring) ? { Service: retiring } : { AWS: retiring },
  Action: ['kms:RetireGrant'],
  Resource: '*',
});

const prefixOf = (region: string, keyId: string): string => `${region}|${keyId}|`;
const placeOf = ({ region, keyId, id }: Grant): string => prefixOf(region, keyId) + id;
