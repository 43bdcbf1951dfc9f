// plinth rotate: a secret's next value now, rather than when its schedule says so.
import { setTimeout as wait } from 'node:timers/promises';

import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { command } from '../command.ts';
import { requireDeployed } from '../deploy.ts';
import { rotationFailed, rotationRefused, unknownSecret } from '../errors.ts';
import { readState } from '../root.ts';
import { sdkConfiguration } from '../sdk.ts';

interface RotateAnswer {
  readonly secret: string;
  /** The version that became current. */
  readonly version: string;
  readonly next: string | undefined;
}

/** How long a rotation may take, and how often it is asked whether it has ended: Secrets Manager tells nobody. */
const PATIENCE_MILLISECONDS = 60_000;
const PENDING_PATIENCE_MILLISECONDS = 15_000;
const INTERVAL_MILLISECONDS = 200;

export const rotate = command<RotateAnswer>({
  summary: 'Rotate a secret of a system now, and wait until its new version is the current one.',
  args: '<system> <secret>',
  arity: [2, 2],
  examples: [
    ['plinth rotate fp-calibration salt', 'by the name that it has in the stack'],
    ['plinth rotate fp-calibration /phase-mirror/fp-calibration/hmac-salt-staging', "by the secret's own name"],
  ],
  run: async ({ args: [system = '', name = ''], options }, context) => {
    const roots = await requireDeployed([system], options, context);
    const states = await Promise.all(roots.map(readState));
    const secrets = states.flatMap(({ resources }) =>
      resources
        .filter(({ type }) => type === 'aws_secretsmanager_secret')
        .map(({ address, values }) => ({ short: address.split('.')[1] ?? '', name: String(values['name']) })),
    );
    const found = secrets.find((secret) => secret.short === name || secret.name === name);
    if (!found) {
      throw unknownSecret(
        system,
        name,
        secrets.map(({ short }) => short),
      );
    }
    const { SecretsManagerClient: Client } = await import('@aws-sdk/client-secrets-manager');
    const client = new Client(sdkConfiguration(roots[0].target));
    try {
      return await context.progress.step('rotate', async (say) => {
        await endPending(client, found.name, context.signal, say);
        const answer = await rotated(client, found.name, context.signal);
        say(`${answer.secret} is at version ${answer.version}`);
        return answer;
      });
    } finally {
      client.destroy();
    }
  },
  render: ({ secret, version, next }) =>
    `${secret} is at version ${version}.${next === undefined ? '' : ` The next rotation is at ${next}.`}`,
});

/**
 * While an earlier rotation is pending, Secrets Manager begins no other: it gets time to finish, and where its function broke,
 * its version is given up. https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
 */
async function endPending(
  client: SecretsManagerClient,
  SecretId: string,
  signal: AbortSignal,
  say: (detail: string) => void,
): Promise<void> {
  const { DescribeSecretCommand, UpdateSecretVersionStageCommand } = await import('@aws-sdk/client-secrets-manager');
  const end = performance.now() + PENDING_PATIENCE_MILLISECONDS;
  for (;;) {
    const { VersionIdsToStages: stages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
    const [RemoveFromVersionId] = Object.entries(stages).find(([, of]) => isPending(of)) ?? [];
    if (RemoveFromVersionId === undefined) return;
    if (performance.now() > end) {
      say('giving up the version of an earlier rotation that did not finish');
      const version = { SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId };
      await client.send(new UpdateSecretVersionStageCommand(version));
      return;
    }
    say('an earlier rotation is pending');
    await wait(INTERVAL_MILLISECONDS, undefined, { signal });
  }
}

const isPending = (stages: readonly string[]): boolean =>
  stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT');

async function rotated(client: SecretsManagerClient, SecretId: string, signal: AbortSignal): Promise<RotateAnswer> {
  const { DescribeSecretCommand, RotateSecretCommand } = await import('@aws-sdk/client-secrets-manager');
  const { VersionId: version = '' } = await client
    .send(new RotateSecretCommand({ SecretId }))
    .catch((error: Error) => Promise.reject(rotationRefused(SecretId, error.message)));
  const end = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const { VersionIdsToStages: stages = {}, NextRotationDate: next } = await client.send(
      new DescribeSecretCommand({ SecretId }),
    );
    if (stages[version]?.includes('AWSCURRENT') && !Object.values(stages).some(isPending)) {
      return { secret: SecretId, version, next: next?.toISOString() };
    }
    if (performance.now() > end) throw rotationFailed(SecretId);
    await wait(INTERVAL_MILLISECONDS, undefined, { signal });
  }
}
