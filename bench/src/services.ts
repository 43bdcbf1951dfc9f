// The services beside moto_server, and S3 beside what a Node process can do at all: the same bytes sent by the same client.
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

import { median } from './measure.ts';
import { startFloor, startMoto, startPlinth, type Subject } from './peers.ts';
import { recorder } from './replay.ts';
import { held } from './report.ts';
import { sideBySide, type Workload } from './side-by-side.ts';

export async function benchServices(): Promise<void> {
  const [plinth, floor] = [await startPlinth(), await startFloor()];
  const subjects = [plinth, await startMoto(), floor].filter((subject) => subject !== undefined);
  await sideBySide('services', subjects, async (subject) => {
    const calls = subject === floor ? await s3Workloads(subject) : await workloads(subject);
    if (subject === plinth) await alone(calls);
    return calls;
  });
}

/** Different objects of each size: two writers of one are a rare thing. */
const OBJECTS = 20;

const KILOBYTE = 1_024;
const MEGABYTE = 1_048_576;
const SECRET = Buffer.alloc(32, 'x');

/** What one client waits for a small object. */
async function alone(calls: readonly Workload[]): Promise<void> {
  console.log('\none client, one call after the other');
  for (const [name, call] of calls) {
    if (!/^S3 .* 1 KB$/.test(name)) continue;
    await median(call);
    held(name, await median(call), 'ms', 1);
  }
}

async function workloads(subject: Subject): Promise<Workload[]> {
  const { configuration, recording, record } = clientOf(subject);
  await prepare(configuration);
  const logs = new CloudWatchLogsClient(recording);
  const say = () =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName: 'bench',
        logStreamName: 'one',
        logEvents: [{ timestamp: Date.now(), message: 'hello' }],
      }),
    );
  const kms = new KMSClient(recording);
  const { KeyId, CiphertextBlob } = await underKeys(configuration);
  const secrets = new SecretsManagerClient(recording);
  const ssm = new SSMClient(recording);
  return [
    ['STS identity', await record(() => new STSClient(recording).send(new GetCallerIdentityCommand({})))],
    ...(await s3Workloads(subject)),
    ['Logs put', await record(say)],
    ['KMS encrypt', await record(() => kms.send(new EncryptCommand({ KeyId, Plaintext: SECRET })))],
    ['KMS decrypt', await record(() => kms.send(new DecryptCommand({ CiphertextBlob })))],
    ['Secret value', await record(() => secrets.send(new GetSecretValueCommand({ SecretId: 'bench' })))],
    ['Parameter', await record(() => ssm.send(new GetParameterCommand({ Name: '/bench' })))],
  ];
}

async function s3Workloads(subject: Subject): Promise<Workload[]> {
  const { recording, record } = clientOf(subject);
  const s3 = new S3Client({ ...recording, forcePathStyle: true });
  const ofObjects = async (send: (Key: string) => Promise<unknown>) => {
    const calls: (() => Promise<void>)[] = [];
    for (let index = 0; index < OBJECTS; index++) calls.push(await record(() => send(`${index}`)));
    return async (index: number) => calls[index % OBJECTS]?.();
  };
  const put = (Body: Buffer) =>
    ofObjects((Key) => s3.send(new PutObjectCommand({ Bucket: 'bench', Key: `${Body.length}/${Key}`, Body })));
  const get = (size: number) =>
    ofObjects((Key) => s3.send(new GetObjectCommand({ Bucket: 'bench', Key: `${size}/${Key}` })));
  return [
    ['S3 put 1 KB', await put(Buffer.alloc(KILOBYTE, 'x'))],
    ['S3 get 1 KB', await get(KILOBYTE)],
    ['S3 put 1 MB', await put(Buffer.alloc(MEGABYTE, 'x'))],
    ['S3 get 1 MB', await get(MEGABYTE)],
  ];
}

/** Clients of a subject: `recording` goes with clients whose calls are recorded, not made. */
function clientOf({ endpoint, credentials }: Subject) {
  const configuration = { endpoint, region: 'us-east-1', credentials };
  const { handler, record } = recorder();
  // One attempt: what the recorder throws is no failure to be tried again.
  return { configuration, recording: { ...configuration, requestHandler: handler, maxAttempts: 1 }, record };
}

type Configuration = Pick<Subject, 'endpoint' | 'credentials'> & { region: string };

async function prepare(configuration: Configuration): Promise<void> {
  const s3 = new S3Client({ ...configuration, forcePathStyle: true });
  const logs = new CloudWatchLogsClient(configuration);
  await s3.send(new CreateBucketCommand({ Bucket: 'bench' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'bench' }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: 'bench', logStreamName: 'one' }));
  await new SecretsManagerClient(configuration).send(new CreateSecretCommand({ Name: 'bench', SecretString: 'hush' }));
  await new SSMClient(configuration).send(new PutParameterCommand({ Name: '/bench', Type: 'String', Value: 'shown' }));
}

async function underKeys(configuration: Configuration) {
  const kms = new KMSClient(configuration);
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
  const KeyId = key?.KeyId;
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: SECRET }));
  return { KeyId, CiphertextBlob };
}
