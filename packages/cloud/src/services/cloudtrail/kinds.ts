// Which calls only read, and which are about data rather than about the things that hold it.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html

const READS =
  /^(Get|List|Describe|Head|Batch(Get|Check)|Query|Scan|Lookup|Filter|Search|Select|Test|Simulate|Validate|Preview|TransactGet|Receive)/;

/** Calls that read, or change nothing that stays, by names that do not say so. */
const OTHER_READS: Readonly<Record<string, readonly string[]>> = {
  sts: ['AssumeRole', 'AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML', 'DecodeAuthorizationMessage'],
  kms: [
    'Decrypt',
    'Encrypt',
    'ReEncrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateDataKeyWithoutPlaintext',
    'GenerateMac',
    'GenerateRandom',
    'DeriveSharedSecret',
    'Sign',
    'Verify',
    'VerifyMac',
  ],
  logs: ['StartQuery', 'StopQuery', 'StartLiveTail'],
};

/** Calls about data, by service. */
const DATA: Readonly<Record<string, RegExp>> = {
  s3: /Object|Upload|^ListParts$|^RestoreObject$|^PostObject$/,
  dynamodb: /Item|^Query$|^Scan$|Statement$|^ExecuteTransaction$/,
  'dynamodb-streams': /^Get(Records|ShardIterator)$/,
  lambda: /^Invoke/,
  logs: /^(PutLogEvents|GetLogEvents|FilterLogEvents|StartLiveTail)$/,
  sqs: /^(Send|Receive|Delete|ChangeMessageVisibility)Message|^ChangeMessageVisibility/,
  sns: /^Publish/,
  events: /^PutEvents$/,
  cloudwatch: /^(Put|Get)MetricData$/,
};

/** About the bucket, whatever the name. */
const BUCKET_CALLS =
  /^(List|Put|Get|Delete)(Objects|ObjectsV2|ObjectVersions|ObjectLockConfiguration)$|^ListMultipartUploads$/;

export const isRead = (service: string, operation: string): boolean =>
  READS.test(operation) || (OTHER_READS[service]?.includes(operation) ?? false);

/** Who became whom is in the answer. */
export const answersItsReads = (service: string, operation: string): boolean =>
  service === 'sts' && /^(AssumeRole|GetFederationToken|GetSessionToken)/.test(operation);

export function isData(service: string, operation: string): boolean {
  if (service === 's3' && BUCKET_CALLS.test(operation))
    return operation === 'DeleteObjects' || operation.startsWith('ListObject');
  return DATA[service]?.test(operation) ?? false;
}
