// Where a command works: the cloud on this machine, AWS, or another endpoint; and what the engine needs to get there.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { callCloud, cloudStatus, ensureCloud, requireCloud } from './cloud-process.ts';
import type { Context } from './context.ts';
import { engineEnvironment } from './engine/engine.ts';
import { badTarget, noCredentials } from './errors.ts';

export interface Target {
  readonly kind: 'local' | 'aws' | 'endpoint';
  /** How people call it. */
  readonly name: string;
  /** Names the folder in which the target's Terraform roots are prepared. */
  readonly key: string;
  /** The account that the credentials belong to. */
  readonly account: string;
  /** AWS's address; undefined for AWS itself. */
  readonly endpoint: string | undefined;
  /** Variables for the AWS CLI and SDKs, credentials included; never on a command line. */
  readonly variables: Readonly<Record<string, string>>;
  /** Opens what the engine needs in a folder, for as long as `work` takes. */
  withEngine<T>(folder: string, work: (environment: NodeJS.ProcessEnv) => Promise<T>): Promise<T>;
}

/** The region where a command says none. */
const REGION = 'us-east-1';

/** What time it is at a target, in milliseconds. */
export async function timeAt(target: Target, context: Context): Promise<number> {
  return target.kind === 'local' ? Date.parse((await cloudStatus(await requireCloud(context))).now) : Date.now();
}

/** The target that `--target` names; for `local` the cloud is started where it does not run. */
export async function openTarget(name: string | boolean | undefined, context: Context): Promise<Target> {
  if (name === undefined || name === 'local') return openLocal(context);
  if (name === 'aws') return openAws(context);
  if (typeof name !== 'string' || !/^https?:\/\/[^/]+\/?$/.test(name)) throw badTarget(String(name));
  return openEndpoint(name.replace(/\/$/, ''), context);
}

async function openLocal(context: Context): Promise<Target> {
  const cloud = await ensureCloud(context);
  const variables = awsVariables(cloud.endpoint, cloud.accessKeyId, cloud.secretAccessKey);
  return {
    kind: 'local',
    name: 'local',
    key: `local-${new URL(cloud.endpoint).port}`,
    account: (await cloudStatus(cloud)).account,
    endpoint: cloud.endpoint,
    variables,
    // The cloud itself is the provider here, through a door of its own for each run.
    withEngine: async (folder, work) => {
      const door = await callCloud<{ id: string; reattach: string }>(cloud, 'POST', 'doors', { folder });
      try {
        return await work(
          engineEnvironment(withoutAws(context.variables), { ...variables, TF_REATTACH_PROVIDERS: door.reattach }),
        );
      } finally {
        await callCloud(cloud, 'DELETE', `doors/${door.id}`).catch(() => undefined);
      }
    },
  };
}

async function openAws(context: Context): Promise<Target> {
  const configuration = await realProviderConfiguration(context);
  const region = context.variables['AWS_REGION'] ?? context.variables['AWS_DEFAULT_REGION'] ?? REGION;
  const variables = { AWS_REGION: region, AWS_DEFAULT_REGION: region };
  const account = await askAccount({ region });
  return {
    kind: 'aws',
    name: 'aws',
    key: `aws-${account}`,
    account,
    endpoint: undefined,
    variables,
    withEngine: (_folder, work) =>
      work(engineEnvironment(context.variables, { ...variables, TF_CLI_CONFIG_FILE: configuration })),
  };
}

async function openEndpoint(endpoint: string, context: Context): Promise<Target> {
  const configuration = await realProviderConfiguration(context);
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = context.variables;
  // The project's own cloud, seen through its public API, takes the administrator's key.
  const own =
    id === undefined
      ? await ensureCloud(context).then((cloud) => (cloud.endpoint === endpoint ? cloud : undefined))
      : undefined;
  const variables = awsVariables(endpoint, own?.accessKeyId ?? id ?? 'test', own?.secretAccessKey ?? secret ?? 'test');
  return {
    kind: 'endpoint',
    name: endpoint,
    account: await askAccount({
      region: REGION,
      endpoint,
      credentials: { accessKeyId: variables.AWS_ACCESS_KEY_ID, secretAccessKey: variables.AWS_SECRET_ACCESS_KEY },
    }),
    key: `endpoint-${createHash('sha256').update(endpoint).digest('hex').slice(0, 12)}`,
    endpoint,
    variables,
    withEngine: (_folder, work) =>
      work(engineEnvironment(withoutAws(context.variables), { ...variables, TF_CLI_CONFIG_FILE: configuration })),
  };
}

const awsVariables = (endpoint: string, accessKeyId: string, secretAccessKey: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
});

async function askAccount(configuration: {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(configuration);
  try {
    const { Account } = await client.send(new GetCallerIdentityCommand({}));
    return Account ?? '';
  } catch (error) {
    throw noCredentials(configuration.endpoint ?? 'AWS', (error as Error).message);
  } finally {
    client.destroy();
  }
}

// A profile or a session token of the user's real account must not mix with the local credentials.
export const withoutAws = (variables: Context['variables']): Context['variables'] =>
  Object.fromEntries(
    Object.entries(variables).filter(([name]) => !name.startsWith('AWS_') || name === 'AWS_CA_BUNDLE'),
  );

// The real provider comes from the registry, or from a folder that PLINTH_PROVIDER_MIRROR names; it is downloaded once.
async function realProviderConfiguration(context: Context): Promise<string> {
  const cache = join(context.home, 'providers');
  await mkdir(cache, { recursive: true });
  const mirror = context.variables['PLINTH_PROVIDER_MIRROR'];
  const file = join(context.home, 'providers', 'engine.tfrc');
  const installation = mirror
    ? `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`
    : `plugin_cache_dir = ${JSON.stringify(cache)}\n`;
  await writeFile(file, `disable_checkpoint = true\n${installation}`);
  return file;
}
