// The salts in Secrets Manager, read and kept for a few minutes.
//
// IAM: secretsmanager:GetSecretValue on the secret where secretsmanager:VersionStage is AWSCURRENT or AWSPREVIOUS, and
// kms:Decrypt on its key through Secrets Manager.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { SALT } from '../../contract.ts';
import { readSalt, UnusableSalt, type Salt, type Salts } from '../domain/anonymize.ts';
import type { SaltSource } from '../domain/ingestion.ts';
import { PATIENCE } from './clients.ts';
import { isNamed } from './errors.ts';
import { setting } from './settings.ts';

let client: SecretsManagerClient | undefined;
let cached: { readonly salts: Salts; readonly until: number } | undefined;

export const saltSecret: SaltSource = {
  async load() {
    const now = Date.now();
    if (cached && now < cached.until) return cached.salts;
    const [current, previous] = await Promise.all([read('AWSCURRENT'), readPrevious()]);
    const salts = { current, previous };
    cached = { salts, until: now + SALT.cacheSeconds * 1_000 };
    return salts;
  },
};

async function read(VersionStage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<Salt> {
  client ??= new SecretsManagerClient(PATIENCE);
  const { SecretString } = await client.send(
    new GetSecretValueCommand({ SecretId: setting('saltSecret'), VersionStage }),
  );
  return readSalt(SecretString);
}

async function readPrevious(): Promise<Salt | undefined> {
  try {
    return await read('AWSPREVIOUS');
  } catch (error) {
    // Most of the time there is none; and under one that is no salt, nothing was ever written.
    if (isNamed(error, 'ResourceNotFoundException') || error instanceof UnusableSalt) return undefined;
    throw error;
  }
}
