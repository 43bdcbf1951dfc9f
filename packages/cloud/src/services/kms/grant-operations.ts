// Grants made, listed, retired and revoked. https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
import { createHash, randomBytes } from 'node:crypto';

import type {
  CreateGrantRequest,
  GrantConstraints,
  GrantOperation,
  ListGrantsRequest,
  ListRetirableGrantsRequest,
  RetireGrantRequest,
  RevokeGrantRequest,
} from '@aws-sdk/client-kms';

import type { Access, Call } from '../../kernel/service.ts';
import { onNothing } from './access.ts';
import {
  invalidArn,
  invalidGrantId,
  invalidGrantToken,
  limitExceeded,
  notFound,
  unsupported,
  validation,
} from './errors.ts';
import { isService, toGrantEntry, type Grant } from './grants.ts';
import { requireUsable, type Key } from './keys.ts';
import { finishDryRun, onKeyItself, page, type Kms } from './service.ts';
import { SPECS } from './specs.ts';

/** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
const GRANTS_LIMIT = 50_000;

const ENCRYPTION_OPERATIONS: readonly GrantOperation[] = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'];

const DATA_KEY_OPERATIONS: readonly GrantOperation[] = [
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
];

const ANY_KEY: readonly GrantOperation[] = ['CreateGrant', 'RetireGrant', 'DescribeKey'];

export function grantOperations(kms: Kms) {
  const { keys, grants, guard, kernel } = kms;
  const { directory } = kernel.identity;

  const requirePrincipal = (name: string, call: Call): string => {
    if (isService(name) || (name !== '*' && directory.knowsPrincipal(name, call.account))) return name;
    throw invalidArn(`Invalid principal ${name}`);
  };

  const retirable = (input: RetireGrantRequest, call: Call): Grant | undefined => {
    if (input.GrantToken !== undefined) {
      return grants.inRegion(call.region).find(({ token }) => token === input.GrantToken);
    }
    const found = keys.find(call, input.KeyId ?? '');
    return found && grants.ofKey(found.key).find(({ id }) => id === input.GrantId);
  };

  return {
    CreateGrant: onKeyItself(
      kms,
      'CreateGrant',
      (key, input: CreateGrantRequest, call) => {
        const operations = [...new Set(input.Operations ?? [])].toSorted();
        requireOperations(key, operations);
        requireUsable(key, key.usage, 'CreateGrant');
        const grantee = requirePrincipal(granteeOf(input), call);
        const retiring = input.RetiringPrincipal ?? input.RetiringServicePrincipal;
        if (retiring !== undefined) requirePrincipal(retiring, call);
        const constraints = requireConstraints(key, input.Constraints);
        finishDryRun(input);
        const existing = grants.ofKey(key);
        // The same grant under the same name is the grant that there is.
        const wanted = { name: input.Name, grantee, retiring, operations, constraints };
        const same = existing.find((grant) => input.Name !== undefined && isSame(grant, wanted));
        if (same) return { GrantId: same.id, GrantToken: same.token };
        if (existing.length >= GRANTS_LIMIT) throw limitExceeded('The key has as many grants as it may have.');
        const id = randomBytes(32).toString('hex');
        const token = createHash('sha256').update(randomBytes(32)).digest('base64url');
        grants.save({ id, token, keyId: key.id, region: key.region, createdAt: call.now, ...wanted });
        return { GrantId: id, GrantToken: token };
      },
      (input, call) => ({
        passedOn: input.Operations,
        // A service that asks for its caller, as DynamoDB does for a table.
        context: { ...grantContext(input), 'kms:GrantIsForAWSResource': String((call.via ?? []).length > 0) },
      }),
    ),
    ListGrants: onKeyItself(kms, 'ListGrants', (key, input: ListGrantsRequest, call) => {
      const grantee = input.GranteePrincipal ?? input.GranteeServicePrincipal;
      const listed = grants
        .ofKey(key)
        .filter((grant) => input.GrantId === undefined || grant.id === input.GrantId)
        .filter((grant) => grantee === undefined || grant.grantee === grantee);
      const { items, rest } = page(listed, ({ id }) => id, input);
      return { Grants: items.map((grant) => toGrantEntry(grant, key.arn, call.account)), ...rest };
    }),
    ListRetirableGrants: {
      access: (_: ListRetirableGrantsRequest, call: Call): Access[] => [onNothing('ListRetirableGrants', call)],
      run: (input: ListRetirableGrantsRequest, call: Call) => {
        const retiring = input.RetiringPrincipal ?? input.RetiringServicePrincipal;
        const listed = grants.inRegion(call.region).filter((grant) => grant.retiring === retiring);
        const { items, rest } = page(listed, ({ id }) => id, input);
        return {
          Grants: items.map((grant) =>
            toGrantEntry(grant, `arn:aws:kms:${grant.region}:${call.account}:key/${grant.keyId}`, call.account),
          ),
          ...rest,
        };
      },
    },
    RevokeGrant: onKeyItself(kms, 'RevokeGrant', (key, input: RevokeGrantRequest) => {
      const grant = grants.ofKey(key).find(({ id }) => id === input.GrantId);
      if (!grant) throw notFound(`Grant ID ${input.GrantId} not found`);
      finishDryRun(input);
      grants.delete(grant);
      return {};
    }),
    RetireGrant: {
      access: (input: RetireGrantRequest, call: Call): Access[] => {
        const grant = retirable(input, call);
        return [
          grant
            ? guard.found('RetireGrant', keys.require(call, grant.keyId), call)
            : input.KeyId === undefined
              ? onNothing('RetireGrant', call)
              : guard.named('RetireGrant', input.KeyId, call),
        ];
      },
      run: (input: RetireGrantRequest, call: Call) => {
        const byId = input.KeyId !== undefined && input.GrantId !== undefined;
        if (input.GrantToken === undefined && !byId) {
          throw validation('Either a GrantToken or a KeyId and a GrantId have to be given.');
        }
        const grant = retirable(input, call);
        if (!grant && input.GrantToken !== undefined) throw invalidGrantToken();
        if (!grant) throw invalidGrantId(`Grant ID ${input.GrantId} not found`);
        finishDryRun(input);
        grants.delete(grant);
        return {};
      },
    },
  };
}

function granteeOf({ GranteePrincipal, GranteeServicePrincipal }: CreateGrantRequest): string {
  const grantee = GranteePrincipal ?? GranteeServicePrincipal;
  if (grantee !== undefined) return grantee;
  throw validation('A grant needs a GranteePrincipal or a GranteeServicePrincipal.');
}

function requireOperations({ spec, usage, arn }: Key, operations: readonly GrantOperation[]): void {
  if (operations.length === 0) throw validation('A grant needs at least one operation.');
  const symmetric = SPECS[spec].family === 'symmetric';
  const possible = new Set<GrantOperation>([
    ...ANY_KEY,
    ...(usage === 'ENCRYPT_DECRYPT' ? ENCRYPTION_OPERATIONS : []),
    ...(symmetric ? DATA_KEY_OPERATIONS : []),
    ...(usage === 'SIGN_VERIFY' ? (['Sign', 'Verify'] as const) : []),
    ...(usage === 'GENERATE_VERIFY_MAC' ? (['GenerateMac', 'VerifyMac'] as const) : []),
    ...(['rsa', 'ecc'].includes(SPECS[spec].family) ? (['GetPublicKey'] as const) : []),
  ]);
  const wrong = operations.find((operation) => !possible.has(operation));
  if (wrong !== undefined) throw validation(`Operation ${wrong} is not supported by ${arn}.`);
}

function requireConstraints({ spec, arn }: Key, asked: GrantConstraints = {}): GrantConstraints {
  // Some clients send an empty context for one that is left out.
  const constraints = Object.fromEntries(Object.entries(asked).filter(([, value]) => !isEmpty(value)));
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset }: GrantConstraints = constraints;
  if (equal && subset) throw validation('A grant has either EncryptionContextEquals or EncryptionContextSubset.');
  if ((equal ?? subset) && spec !== 'SYMMETRIC_DEFAULT') {
    throw unsupported(`Encryption contexts belong to symmetric keys, and ${arn} is ${spec}.`);
  }
  return constraints;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);

// https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html#conditions-kms-grant-constraint-type
function grantContext(input: CreateGrantRequest) {
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = input.Constraints ?? {};
  const type = !isEmpty(equal) ? 'EncryptionContextEquals' : !isEmpty(subset) ? 'EncryptionContextSubset' : undefined;
  return {
    'kms:GrantOperations': input.Operations,
    'kms:GranteePrincipal': input.GranteePrincipal ?? input.GranteeServicePrincipal,
    'kms:RetiringPrincipal': input.RetiringPrincipal ?? input.RetiringServicePrincipal,
    'kms:GrantConstraintType': type,
  };
}

function isSame(
  grant: Grant,
  wanted: Pick<Grant, 'name' | 'grantee' | 'retiring' | 'operations' | 'constraints'>,
): boolean {
  const { name, grantee, retiring, operations, constraints } = grant;
  return (
    JSON.stringify([name, grantee, retiring, operations, constraints]) ===
    JSON.stringify([wanted.name, wanted.grantee, wanted.retiring, wanted.operations, wanted.constraints])
  );
}
