// The things that a call's parameters name, so that calls can be looked up by them.
import type { Call } from '../../kernel/service.ts';

export interface TrailResource {
  readonly accountId: string;
  /** E.g. `AWS::S3::Bucket`. */
  readonly type: string;
  readonly ARN?: string;
  /** As the call named it. */
  readonly name: string;
}

interface Naming {
  readonly parameter: string;
  readonly type: string;
  /** Which operations' parameter it is, by their names; of all, where it is left out. */
  readonly of?: RegExp;
  /** What an ARN is made of, around the name; `*` stands for it. */
  readonly arn?: (call: Call, name: string) => string;
}

const inRegion =
  (resource: string) =>
  ({ service, region, account }: Call, name: string): string =>
    `arn:aws:${service}:${region}:${account}:${resource.replace('*', name)}`;

const inAccount =
  (resource: string) =>
  ({ account }: Call, name: string): string =>
    `arn:aws:iam::${account}:${resource.replace('*', name)}`;

const NAMINGS: Readonly<Record<string, readonly Naming[]>> = {
  s3: [{ parameter: 'bucketName', type: 'AWS::S3::Bucket', arn: (_call, name) => `arn:aws:s3:::${name}` }],
  dynamodb: ['tableName', 'tableArn', 'sourceTableName', 'sourceTableArn', 'targetTableName'].map((parameter) => ({
    parameter,
    type: 'AWS::DynamoDB::Table',
    arn: inRegion('table/*'),
  })),
  lambda: [{ parameter: 'functionName', type: 'AWS::Lambda::Function', arn: inRegion('function:*') }],
  iam: [
    { parameter: 'roleName', type: 'AWS::IAM::Role', arn: inAccount('role/*') },
    { parameter: 'userName', type: 'AWS::IAM::User', arn: inAccount('user/*') },
    { parameter: 'policyArn', type: 'AWS::IAM::Policy' },
  ],
  sts: [{ parameter: 'roleArn', type: 'AWS::IAM::Role' }],
  kms: [{ parameter: 'keyId', type: 'AWS::KMS::Key' }],
  secretsmanager: [
    { parameter: 'secretId', type: 'AWS::SecretsManager::Secret' },
    { parameter: 'name', type: 'AWS::SecretsManager::Secret' },
  ],
  ssm: [
    {
      parameter: 'name',
      type: 'AWS::SSM::Parameter',
      // The slash at the beginning of a path is the one in the ARN.
      arn: (call, name) => inRegion('parameter/*')(call, name.replace(/^\//, '')),
    },
  ],
  logs: [{ parameter: 'logGroupName', type: 'AWS::Logs::LogGroup', arn: inRegion('log-group:*') }],
  codebuild: [
    { parameter: 'projectName', type: 'AWS::CodeBuild::Project', arn: inRegion('project/*') },
    { parameter: 'name', of: /Project/, type: 'AWS::CodeBuild::Project', arn: inRegion('project/*') },
    { parameter: 'name', of: /ReportGroup/, type: 'AWS::CodeBuild::ReportGroup', arn: inRegion('report-group/*') },
    { parameter: 'reportGroupArn', type: 'AWS::CodeBuild::ReportGroup' },
  ],
  sns: [{ parameter: 'topicArn', type: 'AWS::SNS::Topic' }],
  sqs: [
    {
      parameter: 'queueUrl',
      type: 'AWS::SQS::Queue',
      arn: (call, url) => inRegion('*')(call, url.slice(url.lastIndexOf('/') + 1)),
    },
  ],
  events: [
    { parameter: 'rule', type: 'AWS::Events::Rule', arn: inRegion('rule/*') },
    { parameter: 'name', of: /Rule/, type: 'AWS::Events::Rule', arn: inRegion('rule/*') },
    { parameter: 'name', of: /EventBus/, type: 'AWS::Events::EventBus', arn: inRegion('event-bus/*') },
    { parameter: 'archiveName', type: 'AWS::Events::Archive', arn: inRegion('archive/*') },
  ],
  cloudtrail: [
    ...['name', 'trailName'].map((parameter) => ({
      parameter,
      type: 'AWS::CloudTrail::Trail',
      arn: inRegion('trail/*'),
    })),
    { parameter: 's3BucketName', type: 'AWS::S3::Bucket', arn: (_call, name) => `arn:aws:s3:::${name}` },
  ],
};

export function resourcesOf(service: string, parameters: unknown, call: Call): TrailResource[] {
  const given = (parameters ?? {}) as Readonly<Record<string, unknown>>;
  return (NAMINGS[service] ?? []).flatMap(({ parameter, of, type, arn }) => {
    const name = given[parameter];
    if (typeof name !== 'string' || !(of?.test(call.operation) ?? true)) return [];
    const ARN = name.startsWith('arn:') ? name : arn?.(call, name);
    return [{ accountId: call.account, type, name, ...(ARN !== undefined && { ARN }) }];
  });
}
