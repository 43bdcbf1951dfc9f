// aws_ssm_parameter: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ssm_parameter
import type { ParameterMetadata } from '@aws-sdk/client-ssm';

import { orNull } from '../../terraform/or-null.ts';
import { choiceProblems, exactlyOneProblems, requiredWithProblems, type Problem } from '../../terraform/problems.ts';
import type { Attributes, Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import type { SsmOperations } from './operations.ts';
import { fromTags, TYPES } from './put-operation.ts';

type Ssm = Client<SsmOperations>;

const TIERS = ['Standard', 'Advanced', 'Intelligent-Tiering'];

const DATA_TYPES = ['text', 'aws:ec2:image', 'aws:ssm:integration'];

/** What a new version is put for; the rest concerns tags, or Terraform alone. */
const OF_VERSION = [
  'allowed_pattern',
  'data_type',
  'description',
  'insecure_value',
  'key_id',
  'tier',
  'type',
  'value',
  'value_wo_version',
];

export const parameterResource: ResourceType = {
  type: 'aws_ssm_parameter',
  replace: ['name'],
  // AWS takes no parameter down to the standard tier again.
  replaceIf: (prior, planned) => (prior['tier'] === 'Advanced' && planned['tier'] === 'Standard' ? ['tier'] : []),
  // What intelligent tiering chose is what was wanted.
  same: { tier: (before, next) => before !== '' && next === 'Intelligent-Tiering' },
  validate: (config) => [
    ...choiceProblems(config, 'type', TYPES),
    ...choiceProblems(config, 'tier', TIERS),
    ...choiceProblems(config, 'data_type', DATA_TYPES),
    ...exactlyOneProblems(config, 'insecure_value', 'value', 'value_wo'),
    ...requiredWithProblems(config, 'value_wo', 'value_wo_version'),
    ...requiredWithProblems(config, 'value_wo_version', 'value_wo'),
    ...insecureProblems(config),
  ],
  recomputes: (prior, planned) => {
    const changed = (name: string) => (prior[name] ?? '') !== (planned[name] ?? '');
    return [
      ...(changed('value') ? ['version', 'insecure_value'] : []),
      ...(changed('insecure_value') ? ['value'] : []),
      ...(changed('value_wo_version') ? ['has_value_wo'] : []),
    ];
  },
  async create(planned, context) {
    const ssm = clientOf(context);
    const Overwrite: boolean = planned['overwrite'] ?? false;
    const Tags = toTags(planned['tags_all'] ?? {});
    // AWS takes tags with a new parameter only, and does not know this one to be new.
    await ssm('PutParameter', { ...inputOf(planned), Overwrite, Tags: Overwrite ? undefined : Tags });
    context.created({ id: planned['name'] });
    if (Overwrite && Tags.length > 0) await ssm('AddTagsToResource', { ...resourceOf(planned['name']), Tags });
    return { id: planned['name'] };
  },
  async read(state, context) {
    const ssm = clientOf(context);
    const Name: string = state['id'];
    const found = (await orNull(ssm('GetParameter', { Name, WithDecryption: true }), 'ParameterNotFound'))?.Parameter;
    if (!found) return null;
    const filter = { Key: 'Name', Option: 'Equals', Values: [Name] };
    const { Parameters } = await ssm('DescribeParameters', { ParameterFilters: [filter] });
    const metadata: ParameterMetadata = Parameters[0] ?? {};
    const { TagList } = await ssm('ListTagsForResource', resourceOf(Name));
    return {
      allowed_pattern: metadata.AllowedPattern ?? '',
      arn: found.ARN,
      data_type: found.DataType,
      description: metadata.Description ?? '',
      key_id: metadata.KeyId ?? '',
      name: found.Name,
      tier: metadata.Tier,
      type: found.Type,
      version: found.Version,
      ...valuesOf(state, found.Type, found.Value),
      tags_all: fromTags(TagList),
    };
  },
  async update(prior, planned, context) {
    const ssm = clientOf(context);
    if (OF_VERSION.some((name) => (prior[name] ?? '') !== (planned[name] ?? ''))) {
      const Description: string = planned['description'] ?? '';
      await ssm('PutParameter', { ...inputOf(planned), Description, Overwrite: planned['overwrite'] ?? true });
    }
    const tags = tagChanges(prior, planned);
    const resource = resourceOf(prior['id']);
    if (tags.removed.length > 0) await ssm('RemoveTagsFromResource', { ...resource, TagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) await ssm('AddTagsToResource', { ...resource, Tags: toTags(tags.set) });
  },
  async delete(state, context) {
    await orNull(clientOf(context)('DeleteParameter', { Name: state['id'] }), 'ParameterNotFound');
  },
};

const clientOf = (context: ResourceContext): Ssm => context.client<SsmOperations>('ssm');

const resourceOf = (ResourceId: string) => ({ ResourceType: 'Parameter' as const, ResourceId });

const toTags = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const inputOf = (planned: Attributes) => ({
  Name: planned['name'],
  Type: planned['type'],
  Value: planned['value_wo'] || planned['insecure_value'] || planned['value'],
  Description: planned['description'] || undefined,
  AllowedPattern: planned['allowed_pattern'] || undefined,
  DataType: planned['data_type'] || undefined,
  Tier: planned['tier'] || undefined,
  KeyId: (planned['type'] === 'SecureString' && planned['key_id']) || undefined,
});

/** The value under the argument by which it came; a write-only one, which only a create or an update sees, is not told. */
function valuesOf(state: Attributes, type: string | undefined, value: string | undefined): Attributes {
  const isHidden = typeof state['value_wo'] === 'string' || state['has_value_wo'] === true;
  if (isHidden) return { has_value_wo: true, value: '', insecure_value: null };
  const isInsecure = state['insecure_value'] && type !== 'SecureString';
  return { has_value_wo: null, value: isInsecure ? null : value, insecure_value: isInsecure ? value : null };
}

function insecureProblems(config: Attributes): Problem[] {
  if (config['type'] !== 'SecureString' || typeof config['insecure_value'] !== 'string') return [];
  return [
    {
      attribute: 'insecure_value',
      message: 'invalid configuration, cannot set type = SecureString and insecure_value',
    },
  ];
}
