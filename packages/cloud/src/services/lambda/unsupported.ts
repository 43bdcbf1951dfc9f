// What requests may bring to Lambda's operations that there is nothing for here: each is refused by its path.
import type { Service } from '../../kernel/service.ts';

const OF_FUNCTIONS = ['CapacityProviderConfig', 'DurableConfig', 'FileSystemConfigs', 'ImageConfig', 'Layers'];

const OF_CODE = ['ImageUri', 'S3ObjectStorageMode', 'SourceKMSKeyArn'];

/** Of mappings of other sources than queues and tables' streams, and what these have besides. */
const OF_MAPPINGS = [
  'AmazonManagedKafkaEventSourceConfig',
  'DocumentDBEventSourceConfig',
  'KMSKeyArn',
  'LoggingConfig',
  'ProvisionedPollerConfig',
  'SelfManagedKafkaEventSourceConfig',
  'SourceAccessConfigurations',
  'TumblingWindowInSeconds',
];

export const UNSUPPORTED: NonNullable<Service['unsupported']> = {
  AddPermission: ['EventSourceToken'],
  CreateEventSourceMapping: [...OF_MAPPINGS, 'Queues', 'SelfManagedEventSource', 'StartingPositionTimestamp', 'Topics'],
  CreateFunction: [
    ...OF_FUNCTIONS,
    'CodeSigningConfigArn',
    'PublishTo',
    'TenancyConfig',
    ...OF_CODE.map((member) => `Code.${member}`),
  ],
  Invoke: ['DurableExecutionName', 'TenantId'],
  ListFunctions: ['MasterRegion'],
  PublishVersion: ['PublishTo'],
  UpdateEventSourceMapping: OF_MAPPINGS,
  UpdateFunctionCode: [...OF_CODE, 'PublishTo'],
  UpdateFunctionConfiguration: OF_FUNCTIONS,
};
