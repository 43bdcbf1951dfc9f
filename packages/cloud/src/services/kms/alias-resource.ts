// aws_kms_alias: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_alias
import type { AliasListEntry, ListAliasesResponse } from '@aws-sdk/client-kms';

import { conflictProblems, patternProblems } from '../../terraform/problems.ts';
import type { ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import type { KmsOperations } from './operations.ts';

const NAME = /^(?!alias\/aws\/)alias\/[0-9A-Za-z_/-]+$/;
const NAME_PREFIX = /^(?!alias\/aws\/)alias\/[0-9A-Za-z_/-]*$/;

export const aliasResource: ResourceType = {
  type: 'aws_kms_alias',
  replace: ['name', 'name_prefix'],
  // A key is the same key by its id and by its ARN.
  same: { target_key_id: (before, next) => keyIdOf(before) === keyIdOf(next) },
  validate: (config) => [
    ...conflictProblems(config, 'name', 'name_prefix'),
    ...patternProblems(config, 'name', NAME, 'must begin with "alias/", and not with "alias/aws/"'),
    ...patternProblems(config, 'name_prefix', NAME_PREFIX, 'must begin with "alias/", and not with "alias/aws/"'),
  ],
  async create(planned, context) {
    const AliasName = nameFor({ name_prefix: 'alias/', ...withoutEmpty(planned) });
    await context.client<KmsOperations>('kms')('CreateAlias', { AliasName, TargetKeyId: planned['target_key_id'] });
    return { id: AliasName };
  },
  async read({ id }, context) {
    const alias = await findAlias(id, context);
    if (!alias) return null;
    return {
      arn: alias.AliasArn,
      name: alias.AliasName,
      name_prefix: prefixOf(id),
      target_key_arn: alias.AliasArn!.replace(/:alias\/.*$/, `:key/${alias.TargetKeyId}`),
      target_key_id: alias.TargetKeyId,
    };
  },
  async update(prior, planned, context) {
    if (prior['target_key_id'] === planned['target_key_id']) return;
    const input = { AliasName: prior['id'], TargetKeyId: planned['target_key_id'] };
    await context.client<KmsOperations>('kms')('UpdateAlias', input);
  },
  async delete(state, context) {
    if (!(await findAlias(state['id'], context))) return;
    await context.client<KmsOperations>('kms')('DeleteAlias', { AliasName: state['id'] });
  },
};

/** The alias, among all that the region has. */
export async function findAlias(name: string, context: ResourceContext): Promise<AliasListEntry | undefined> {
  const kms = context.client<KmsOperations>('kms');
  let marker: string | undefined;
  do {
    const page: ListAliasesResponse = await kms('ListAliases', { Marker: marker });
    const found = page.Aliases?.find(({ AliasName }) => AliasName === name);
    if (found) return found;
    marker = page.NextMarker;
  } while (marker !== undefined);
  return undefined;
}

const keyIdOf = (named: string | undefined): string => (named ?? '').replace(/^arn:[^/]*:key\//, '');

const withoutEmpty = (attributes: object): object =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value));
