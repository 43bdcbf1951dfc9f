// aws_kms_grant: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_grant
import type { GrantConstraints, GrantListEntry, ListGrantsResponse } from '@aws-sdk/client-kms';

import { malformedId } from '../../terraform/errors.ts';
import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { KmsOperations } from './operations.ts';

export const grantResource: ResourceType = {
  type: 'aws_kms_grant',
  replace: [
    'constraints',
    'grant_creation_tokens',
    'grantee_principal',
    'key_id',
    'name',
    'operations',
    'retire_on_delete',
    'retiring_principal',
  ],
  defaults: { retire_on_delete: false },
  async create(planned, context) {
    const KeyId: string = planned['key_id'];
    const { GrantId, GrantToken } = await context.client<KmsOperations>('kms')('CreateGrant', {
      KeyId,
      GranteePrincipal: planned['grantee_principal'],
      Operations: planned['operations'],
      Name: planned['name'] || undefined,
      RetiringPrincipal: planned['retiring_principal'] || undefined,
      GrantTokens: planned['grant_creation_tokens'] ?? undefined,
      Constraints: constraintsOf(planned),
    });
    return { id: `${KeyId}:${GrantId}`, grant_id: GrantId, grant_token: GrantToken };
  },
  async read(state, context) {
    const grant = await findGrant(state, context);
    if (!grant) return null;
    const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = grant.Constraints ?? {};
    return {
      constraints: (equal ?? subset) ? [{ encryption_context_equals: equal, encryption_context_subset: subset }] : [],
      grantee_principal: grant.GranteePrincipal,
      name: grant.Name,
      operations: grant.Operations,
      retiring_principal: grant.RetiringPrincipal,
    };
  },
  async delete(state, context) {
    const kms = context.client<KmsOperations>('kms');
    const { key_id: KeyId, grant_id: GrantId } = state;
    const gone = ['NotFoundException', 'InvalidGrantIdException', 'KMSInvalidStateException'];
    if (!state['retire_on_delete']) await orNull(kms('RevokeGrant', { KeyId, GrantId }), ...gone);
    else {
      const found = await findGrant(state, context);
      // Only a key's ARN says in which region a grant is to be retired.
      const { KeyMetadata: key } = await kms('DescribeKey', { KeyId });
      if (found) await orNull(kms('RetireGrant', { KeyId: key.Arn, GrantId }), ...gone);
    }
  },
  importState(id) {
    const at = id.lastIndexOf(':');
    if (at <= 0 || at === id.length - 1) throw malformedId(id, 'KeyID:GrantID');
    return { id, key_id: id.slice(0, at), grant_id: id.slice(at + 1) };
  },
};

async function findGrant(state: Attributes, context: ResourceContext): Promise<GrantListEntry | undefined> {
  const kms = context.client<KmsOperations>('kms');
  const input = { KeyId: state['key_id'], GrantId: state['grant_id'] };
  const page: ListGrantsResponse | null = await orNull(kms('ListGrants', input), 'NotFoundException');
  return page?.Grants?.[0];
}

function constraintsOf(planned: Attributes): GrantConstraints | undefined {
  const [constraints] = planned['constraints'] ?? [];
  if (!constraints) return undefined;
  return {
    EncryptionContextEquals: constraints['encryption_context_equals'] ?? undefined,
    EncryptionContextSubset: constraints['encryption_context_subset'] ?? undefined,
  };
}
