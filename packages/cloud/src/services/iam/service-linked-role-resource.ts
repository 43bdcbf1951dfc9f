// aws_iam_service_linked_role: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_service_linked_role
import type { ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { suffixOf } from './service-linked-role-operations.ts';
import { toTags } from './shapes.ts';

export const serviceLinkedRole: ResourceType = {
  type: 'aws_iam_service_linked_role',
  replace: ['aws_service_name', 'custom_suffix'],
  validate: (config) =>
    typeof config['aws_service_name'] === 'string' && !config['aws_service_name'].endsWith('.amazonaws.com')
      ? [{ attribute: 'aws_service_name', message: 'must be a service URL e.g. elasticbeanstalk.amazonaws.com' }]
      : [],
  async create(planned, context) {
    const iam = clientOf(context);
    const { Role: role } = await iam('CreateServiceLinkedRole', {
      AWSServiceName: planned['aws_service_name'],
      Description: planned['description'] || undefined,
      CustomSuffix: planned['custom_suffix'] || undefined,
    });
    context.created({ id: role.Arn });
    const tags = toTags(planned['tags_all'] ?? {});
    if (tags.length > 0) await iam('TagRole', { RoleName: role.RoleName, Tags: tags });
    return { id: role.Arn };
  },
  async read(state, context) {
    const arn: string = state['id'];
    const [, service = '', RoleName = ''] = /\/aws-service-role\/([^/]+)\/([^/]+)$/.exec(arn) ?? [];
    const found = (await orNull(clientOf(context)('GetRole', { RoleName })))?.Role;
    if (!found) return null;
    return {
      arn: found.Arn,
      aws_service_name: service,
      create_date: found.CreateDate?.toISOString().replace(/\.\d+Z$/, 'Z'),
      custom_suffix: suffixOf(service, RoleName),
      description: found.Description,
      name: found.RoleName,
      path: found.Path,
      unique_id: found.RoleId,
      tags_all: Object.fromEntries((found.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    };
  },
  async update(prior, planned, context) {
    const iam = clientOf(context);
    const RoleName: string = prior['name'];
    if (prior['description'] !== planned['description']) {
      await iam('UpdateRoleDescription', { RoleName, Description: planned['description'] ?? '' });
    }
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) await iam('UntagRole', { RoleName, TagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) await iam('TagRole', { RoleName, Tags: toTags(tags.set) });
  },
  async delete(state, context) {
    await orNull(clientOf(context)('DeleteServiceLinkedRole', { RoleName: state['name'] }));
  },
};

const clientOf = (context: ResourceContext) => context.client<IamOperations>('iam');
