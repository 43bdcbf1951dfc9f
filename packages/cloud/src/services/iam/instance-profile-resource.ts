// aws_iam_instance_profile: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_instance_profile
import type { ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import { orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { toTags } from './shapes.ts';
import { nameProblems } from './validation.ts';

export const instanceProfile: ResourceType = {
  type: 'aws_iam_instance_profile',
  replace: ['name', 'name_prefix', 'path'],
  defaults: { path: '/' },
  validate: (config) => nameProblems(config, 128),
  async create(planned, context) {
    const iam = clientOf(context);
    const InstanceProfileName = nameFor(planned);
    await iam('CreateInstanceProfile', {
      InstanceProfileName,
      Path: planned['path'],
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    context.created({ id: InstanceProfileName });
    if (planned['role']) await iam('AddRoleToInstanceProfile', { InstanceProfileName, RoleName: planned['role'] });
    return { id: InstanceProfileName };
  },
  async read(state, context) {
    const InstanceProfileName: string = state['id'];
    const found = (await orNull(clientOf(context)('GetInstanceProfile', { InstanceProfileName })))?.InstanceProfile;
    if (!found) return null;
    return {
      arn: found.Arn,
      create_date: found.CreateDate?.toISOString().replace(/\.\d+Z$/, 'Z'),
      name: InstanceProfileName,
      name_prefix: prefixOf(InstanceProfileName),
      path: found.Path,
      role: found.Roles?.[0]?.RoleName,
      unique_id: found.InstanceProfileId,
      tags_all: Object.fromEntries((found.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    };
  },
  async update(prior, planned, context) {
    const iam = clientOf(context);
    const InstanceProfileName: string = prior['id'];
    if (prior['role'] !== planned['role']) {
      if (prior['role']) await iam('RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName: prior['role'] });
      if (planned['role']) await iam('AddRoleToInstanceProfile', { InstanceProfileName, RoleName: planned['role'] });
    }
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) await iam('UntagInstanceProfile', { InstanceProfileName, TagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) {
      await iam('TagInstanceProfile', { InstanceProfileName, Tags: toTags(tags.set) });
    }
  },
  async delete(state, context) {
    const iam = clientOf(context);
    const InstanceProfileName: string = state['id'];
    if (state['role']) {
      await orNull(iam('RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName: state['role'] }));
    }
    await orNull(iam('DeleteInstanceProfile', { InstanceProfileName }));
  },
};

const clientOf = (context: ResourceContext) => context.client<IamOperations>('iam');
