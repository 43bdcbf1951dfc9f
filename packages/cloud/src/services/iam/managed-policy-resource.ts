// aws_iam_policy: a customer-managed policy; each change of its text is a version.
import type { Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import { decodeDocument, orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { toTags } from './shapes.ts';
import { jsonProblems, nameProblems } from './validation.ts';

/** Versions that a policy keeps; room has to be made for another one. */
const VERSIONS_LIMIT = 5;

export const managedPolicy: ResourceType = {
  type: 'aws_iam_policy',
  replace: ['name', 'name_prefix', 'path', 'description'],
  defaults: { path: '/' },
  validate: (config) => [...nameProblems(config, 128), ...jsonProblems(config, 'policy')],
  async create(planned, context) {
    const { Policy } = await clientOf(context)('CreatePolicy', {
      PolicyName: nameFor(planned),
      PolicyDocument: planned['policy'],
      Path: planned['path'],
      Description: planned['description'] || undefined,
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    return { id: Policy.Arn };
  },
  async read(state, context) {
    const iam = clientOf(context);
    const PolicyArn: string = state['id'];
    const found = (await orNull(iam('GetPolicy', { PolicyArn })))?.Policy;
    if (!found) return null;
    const { PolicyVersion } = await iam('GetPolicyVersion', { PolicyArn, VersionId: found.DefaultVersionId });
    return {
      arn: found.Arn,
      attachment_count: found.AttachmentCount,
      description: found.Description ?? '',
      name: found.PolicyName,
      name_prefix: prefixOf(found.PolicyName ?? ''),
      path: found.Path,
      policy: decodeDocument(PolicyVersion.Document),
      policy_id: found.PolicyId,
      tags_all: Object.fromEntries((found.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    };
  },
  async update(prior, planned, context) {
    const iam = clientOf(context);
    const PolicyArn: string = prior['id'];
    if (prior['policy'] !== planned['policy']) {
      await makeRoom(iam, PolicyArn);
      await iam('CreatePolicyVersion', { PolicyArn, PolicyDocument: planned['policy'], SetAsDefault: true });
    }
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) await iam('UntagPolicy', { PolicyArn, TagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) await iam('TagPolicy', { PolicyArn, Tags: toTags(tags.set) });
  },
  async delete(state, context) {
    const iam = clientOf(context);
    const PolicyArn: string = state['id'];
    const versions = await orNull(iam('ListPolicyVersions', { PolicyArn }));
    for (const { VersionId, IsDefaultVersion } of versions?.Versions ?? []) {
      if (!IsDefaultVersion) await iam('DeletePolicyVersion', { PolicyArn, VersionId });
    }
    await orNull(iam('DeletePolicy', { PolicyArn }));
  },
};

const clientOf = (context: ResourceContext): Client<IamOperations> => context.client<IamOperations>('iam');

/** Deletes the oldest version that does not apply, where the policy is full. */
async function makeRoom(iam: Client<IamOperations>, PolicyArn: string): Promise<void> {
  const { Versions } = await iam('ListPolicyVersions', { PolicyArn });
  if (Versions.length < VERSIONS_LIMIT) return;
  const oldest = Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion).toSorted(
    (a, b) => versionNumber(a.VersionId) - versionNumber(b.VersionId),
  )[0];
  if (oldest) await iam('DeletePolicyVersion', { PolicyArn, VersionId: oldest.VersionId });
}

const versionNumber = (id: string): number => Number(id.slice(1));
