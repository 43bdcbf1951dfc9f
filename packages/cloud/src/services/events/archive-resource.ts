// aws_cloudwatch_event_archive.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_archive
import { orNull } from '../../terraform/or-null.ts';
import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { EventBridgeOperations } from './operations.ts';

export const archiveResource: ResourceType = {
  type: 'aws_cloudwatch_event_archive',
  replace: ['name', 'event_source_arn'],
  defaults: { retention_days: 0 },
  json: ['event_pattern'],
  validate: (config) => refusedAttributes(config, ['kms_key_identifier']),
  async create(planned, context) {
    await clientOf(context)('CreateArchive', {
      EventSourceArn: planned['event_source_arn'],
      ...settingsOf(planned),
    });
    return { id: planned['name'] };
  },
  async read({ id }, context) {
    const found = await orNull(clientOf(context)('DescribeArchive', { ArchiveName: id }), 'ResourceNotFoundException');
    if (!found) return null;
    return {
      name: found.ArchiveName,
      arn: found.ArchiveArn,
      event_source_arn: found.EventSourceArn,
      description: found.Description ?? '',
      event_pattern: found.EventPattern ?? '',
      retention_days: found.RetentionDays,
      kms_key_identifier: '',
    };
  },
  update: async (_prior, planned, context) => {
    await clientOf(context)('UpdateArchive', settingsOf(planned));
  },
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteArchive', { ArchiveName: id }), 'ResourceNotFoundException');
  },
};

const clientOf = (context: ResourceContext) => context.client<EventBridgeOperations>('events');

const settingsOf = (planned: Attributes) => ({
  ArchiveName: planned['name'] as string,
  Description: (planned['description'] || undefined) as string | undefined,
  EventPattern: (planned['event_pattern'] || undefined) as string | undefined,
  RetentionDays: planned['retention_days'] as number,
  KmsKeyIdentifier: (planned['kms_key_identifier'] || undefined) as string | undefined,
});
