// aws_iam_user: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_user
import type { Attributes, Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { allPages, orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { toTags } from './shapes.ts';
import { nameProblems } from './validation.ts';

type Iam = Client<IamOperations>;

export const user: ResourceType = {
  type: 'aws_iam_user',
  replace: [],
  defaults: { force_destroy: false, path: '/' },
  validate: (config) => nameProblems(config, 64),
  recomputes: (prior, planned) => renamed(prior, planned),
  async create(planned, context) {
    await clientOf(context)('CreateUser', {
      UserName: planned['name'],
      Path: planned['path'],
      PermissionsBoundary: planned['permissions_boundary'] || undefined,
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    return { id: planned['name'] };
  },
  async read(state, context) {
    const UserName: string = state['name'] ?? state['id'];
    const found = (await orNull(clientOf(context)('GetUser', { UserName })))?.User;
    if (!found) return null;
    return {
      id: found.UserName,
      arn: found.Arn,
      name: found.UserName,
      path: found.Path,
      permissions_boundary: found.PermissionsBoundary?.PermissionsBoundaryArn,
      unique_id: found.UserId,
      tags_all: Object.fromEntries((found.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    };
  },
  async update(prior, planned, context) {
    const iam = clientOf(context);
    const UserName: string = planned['name'];
    if (renamed(prior, planned).length > 0) {
      await iam('UpdateUser', { UserName: prior['name'], NewUserName: UserName, NewPath: planned['path'] });
    }
    if (prior['permissions_boundary'] !== planned['permissions_boundary']) {
      const PermissionsBoundary: string = planned['permissions_boundary'] ?? '';
      if (PermissionsBoundary) await iam('PutUserPermissionsBoundary', { UserName, PermissionsBoundary });
      else await iam('DeleteUserPermissionsBoundary', { UserName });
    }
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) await iam('UntagUser', { UserName, TagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) await iam('TagUser', { UserName, Tags: toTags(tags.set) });
  },
  async delete(state, context) {
    const iam = clientOf(context);
    const UserName: string = state['name'];
    if (!(await orNull(iam('GetUser', { UserName })))) return;
    await leaveGroups(iam, UserName);
    if (state['force_destroy']) await strip(iam, UserName);
    await iam('DeleteUser', { UserName });
  },
};

const renamed = (prior: Attributes, planned: Attributes): string[] =>
  prior['name'] !== planned['name'] ? ['id', 'arn'] : prior['path'] !== planned['path'] ? ['arn'] : [];

async function leaveGroups(iam: Iam, UserName: string): Promise<void> {
  const groups = await allPages(async (page) => {
    const { Groups, ...rest } = await iam('ListGroupsForUser', { UserName, ...page });
    return { items: Groups, ...rest };
  });
  for (const { GroupName } of groups) await iam('RemoveUserFromGroup', { UserName, GroupName });
}

async function strip(iam: Iam, UserName: string): Promise<void> {
  const { AccessKeyMetadata } = await iam('ListAccessKeys', { UserName });
  for (const { AccessKeyId } of AccessKeyMetadata) await iam('DeleteAccessKey', { UserName, AccessKeyId });
  const attached = await allPages(async (page) => {
    const { AttachedPolicies, ...rest } = await iam('ListAttachedUserPolicies', { UserName, ...page });
    return { items: AttachedPolicies, ...rest };
  });
  for (const { PolicyArn } of attached) await iam('DetachUserPolicy', { UserName, PolicyArn });
  const inline = await allPages(async (page) => {
    const { PolicyNames, ...rest } = await iam('ListUserPolicies', { UserName, ...page });
    return { items: PolicyNames, ...rest };
  });
  for (const PolicyName of inline) await iam('DeleteUserPolicy', { UserName, PolicyName });
}

const clientOf = (context: ResourceContext): Iam => context.client<IamOperations>('iam');
