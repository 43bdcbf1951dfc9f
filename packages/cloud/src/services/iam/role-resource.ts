// aws_iam_role: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role
import { sameText } from '../../terraform/documents.ts';
import type { Attributes, Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import { attachedArns, decodeDocument, inlineNames, orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { toTags } from './shapes.ts';
import { jsonProblems, nameProblems, type Problem } from './validation.ts';

type Iam = Client<IamOperations>;

interface InlinePolicy {
  readonly name: string;
  readonly policy: string;
}

export const role: ResourceType = {
  type: 'aws_iam_role',
  replace: ['name', 'name_prefix', 'path'],
  defaults: { force_detach_policies: false, max_session_duration: 3600, path: '/' },
  computedBlocks: ['inline_policy'],
  validate: (config) => [
    ...nameProblems(config, 64),
    ...jsonProblems(config, 'assume_role_policy'),
    ...sessionProblems(config['max_session_duration']),
  ],
  async create(planned, context) {
    const iam = clientOf(context);
    const RoleName = nameFor(planned);
    await iam('CreateRole', {
      RoleName,
      AssumeRolePolicyDocument: planned['assume_role_policy'],
      Path: planned['path'],
      Description: planned['description'] || undefined,
      MaxSessionDuration: planned['max_session_duration'],
      PermissionsBoundary: planned['permissions_boundary'] || undefined,
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    context.created({ id: RoleName });
    await syncInline(iam, RoleName, [], inlineOf(planned));
    await syncAttached(iam, RoleName, [], planned['managed_policy_arns'] ?? []);
    return { id: RoleName };
  },
  async read(state, context) {
    const iam = clientOf(context);
    const RoleName: string = state['id'];
    const found = (await orNull(iam('GetRole', { RoleName })))?.Role;
    if (!found) return null;
    const inline = await readInline(iam, RoleName);
    return {
      arn: found.Arn,
      assume_role_policy: decodeDocument(found.AssumeRolePolicyDocument),
      create_date: found.CreateDate?.toISOString().replace(/\.\d+Z$/, 'Z'),
      description: found.Description ?? '',
      max_session_duration: found.MaxSessionDuration,
      name: found.RoleName,
      name_prefix: prefixOf(RoleName),
      path: found.Path,
      permissions_boundary: found.PermissionsBoundary?.PermissionsBoundaryArn ?? '',
      unique_id: found.RoleId,
      managed_policy_arns: await attachedArns(iam, RoleName),
      // An empty block says that there shall be no inline policies, and stays as it is while there are none.
      ...(sameInline(inline, inlineOf(state)) ? {} : { inline_policy: inline }),
      tags_all: Object.fromEntries((found.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    };
  },
  async update(prior, planned, context) {
    const iam = clientOf(context);
    const RoleName: string = prior['id'];
    const changed = (name: string) => prior[name] !== planned[name];
    if (changed('assume_role_policy')) {
      await iam('UpdateAssumeRolePolicy', { RoleName, PolicyDocument: planned['assume_role_policy'] });
    }
    if (changed('description') || changed('max_session_duration')) {
      await iam('UpdateRole', {
        RoleName,
        Description: planned['description'] ?? '',
        MaxSessionDuration: planned['max_session_duration'],
      });
    }
    if (changed('permissions_boundary')) {
      const PermissionsBoundary: string = planned['permissions_boundary'] ?? '';
      if (PermissionsBoundary) await iam('PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
      else await iam('DeleteRolePermissionsBoundary', { RoleName });
    }
    await syncInline(iam, RoleName, inlineOf(prior), inlineOf(planned));
    await syncAttached(iam, RoleName, prior['managed_policy_arns'] ?? [], planned['managed_policy_arns'] ?? []);
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) await iam('UntagRole', { RoleName, TagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) await iam('TagRole', { RoleName, Tags: toTags(tags.set) });
  },
  async delete(state, context) {
    const iam = clientOf(context);
    const RoleName: string = state['id'];
    const force: boolean = state['force_detach_policies'] ?? false;
    const attached = await orNull(attachedArns(iam, RoleName));
    // Somebody else deleted it: that is what was wanted.
    if (!attached) return;
    if (force || state['managed_policy_arns']?.length > 0) await syncAttached(iam, RoleName, attached, []);
    if (force || state['inline_policy']?.length > 0)
      await syncInline(iam, RoleName, await readInline(iam, RoleName), []);
    await iam('DeleteRole', { RoleName });
  },
};

const clientOf = (context: ResourceContext): Iam => context.client<IamOperations>('iam');

/** The blocks that name a policy; an empty one names none. */
const inlineOf = (attributes: Attributes): InlinePolicy[] =>
  ((attributes['inline_policy'] ?? []) as InlinePolicy[]).filter(({ name }) => name);

const sameInline = (a: readonly InlinePolicy[], b: readonly InlinePolicy[]): boolean =>
  a.length === b.length && a.every((policy) => b.some((other) => samePolicy(policy, other)));

const samePolicy = (a: InlinePolicy, b: InlinePolicy): boolean =>
  a.name === b.name && sameText('policy', a.policy, b.policy);

async function readInline(iam: Iam, RoleName: string): Promise<InlinePolicy[]> {
  const names = await inlineNames(iam, RoleName);
  return Promise.all(
    names.map(async (PolicyName) => {
      const { PolicyDocument } = await iam('GetRolePolicy', { RoleName, PolicyName });
      return { name: PolicyName, policy: decodeDocument(PolicyDocument) };
    }),
  );
}

async function syncInline(
  iam: Iam,
  RoleName: string,
  before: readonly InlinePolicy[],
  after: readonly InlinePolicy[],
): Promise<void> {
  for (const { name } of before) {
    if (!after.some((policy) => policy.name === name)) await iam('DeleteRolePolicy', { RoleName, PolicyName: name });
  }
  for (const policy of after) {
    if (before.some((other) => samePolicy(policy, other))) continue;
    await iam('PutRolePolicy', { RoleName, PolicyName: policy.name, PolicyDocument: policy.policy });
  }
}

async function syncAttached(
  iam: Iam,
  RoleName: string,
  before: readonly string[],
  after: readonly string[],
): Promise<void> {
  for (const PolicyArn of before)
    if (!after.includes(PolicyArn)) await iam('DetachRolePolicy', { RoleName, PolicyArn });
  for (const PolicyArn of after)
    if (!before.includes(PolicyArn)) await iam('AttachRolePolicy', { RoleName, PolicyArn });
}

function sessionProblems(seconds: number | undefined): Problem[] {
  if (typeof seconds !== 'number' || (seconds >= 3600 && seconds <= 43_200)) return [];
  return [
    {
      attribute: 'max_session_duration',
      message: `expected max_session_duration to be in the range (3600 - 43200), got ${seconds}`,
    },
  ];
}
