// The services beside moto_server: the same client, the same calls, one after the other.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

import { measure, type Measure } from './measure.ts';
import { startMoto, startPlinth, type Subject } from './peers.ts';
import { compare } from './report.ts';

export async function benchServices(): Promise<void> {
  const subjects = [await startPlinth(), await startMoto()].filter((subject) => subject !== undefined);
  const results = new Map<string, Record<string, Measure>>();
  for (const subject of subjects) {
    for (const [name, call] of await workloads(subject)) {
      results.set(name, { ...results.get(name), [subject.name]: await measure(call) });
    }
    await subject.stop();
  }
  compare('services', results);
}

type Workload = [name: string, call: (index: number) => Promise<unknown>];

async function workloads({ endpoint, credentials }: Subject): Promise<Workload[]> {
  const configuration = { endpoint, region: 'us-east-1', credentials, forcePathStyle: true };
  const s3 = new S3Client(configuration);
  const sts = new STSClient(configuration);
  const logs = new CloudWatchLogsClient(configuration);
  const kilobyte = Buffer.alloc(1_024, 'x');
  const megabyte = Buffer.alloc(1_048_576, 'x');
  await s3.send(new CreateBucketCommand({ Bucket: 'bench' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'bench' }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: 'bench', logStreamName: 'one' }));
  const put = (Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket: 'bench', Key, Body }));
  const get = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bench', Key }));
    return Body?.transformToByteArray();
  };
  const say = (message: string) =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName: 'bench',
        logStreamName: 'one',
        logEvents: [{ timestamp: Date.now(), message }],
      }),
    );
  return [
    ['STS identity', () => sts.send(new GetCallerIdentityCommand({}))],
    ['S3 put 1 KB', (index) => put(`kb-${index}`, kilobyte)],
    ['S3 get 1 KB', (index) => get(`kb-${index}`)],
    ['S3 put 1 MB', (index) => put(`mb-${index % 10}`, megabyte)],
    ['S3 get 1 MB', (index) => get(`mb-${index % 10}`)],
    ['Logs put', () => say('hello')],
    ...(await keptUnderKeys(configuration)),
  ];
}

/** What KMS does, and what lies under its keys. */
async function keptUnderKeys(
  configuration: Pick<Subject, 'endpoint' | 'credentials'> & { region: string },
): Promise<Workload[]> {
  const kms = new KMSClient(configuration);
  const secrets = new SecretsManagerClient(configuration);
  const ssm = new SSMClient(configuration);
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
  const KeyId = key?.KeyId;
  const Plaintext = Buffer.alloc(32, 'x');
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }));
  await secrets.send(new CreateSecretCommand({ Name: 'bench', SecretString: 'hush' }));
  await ssm.send(new PutParameterCommand({ Name: '/bench', Type: 'String', Value: 'shown' }));
  return [
    ['KMS encrypt', () => kms.send(new EncryptCommand({ KeyId, Plaintext }))],
    ['KMS decrypt', () => kms.send(new DecryptCommand({ CiphertextBlob }))],
    ['Secret value', () => secrets.send(new GetSecretValueCommand({ SecretId: 'bench' }))],
    ['Parameter', () => ssm.send(new GetParameterCommand({ Name: '/bench' }))],
  ];
}
