// Terraform applying 200 mixed resources to the cloud, beside the same with a provider that does nothing.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { seconds } from './measure.ts';
import { startNoopProvider } from './noop-provider.ts';
import { startPlinth } from './peers.ts';
import { held } from './report.ts';

/** The kinds that the first system is made of, by count. */
const RESOURCES = {
  aws_cloudwatch_log_group: [60, (name: string) => ({ name, retention_in_days: 30 })],
  aws_iam_role: [50, (name: string) => ({ name, assume_role_policy: TRUST })],
  aws_iam_policy: [30, (name: string) => ({ name, policy: POLICY })],
  aws_s3_bucket: [40, (name: string) => ({ bucket: name })],
  aws_dynamodb_table: [20, (name: string) => ({ name, billing_mode: 'PAY_PER_REQUEST', hash_key: 'pk', ...KEY })],
} as const;

const KEY = { attribute: [{ name: 'pk', type: 'S' }] };
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bench/*' }],
});

export async function benchTerraform(): Promise<void> {
  console.log('\nTerraform, 200 resources');
  const cloud = await startPlinth();
  const door = await cloud.openDoor();
  const own = await life(door.reattach);
  await door.close();
  await cloud.stop();
  const noop = await startNoopProvider();
  const floor = await life(noop.reattach);
  noop.stop();
  held('apply', own.apply, 's', 3);
  held('apply, beside a no-op provider', own.apply / floor.apply, 'times', 1.5);
  held('plan without a change, beside the same', own.plan / floor.plan, 'times', 1.5);
  held('destroy, beside the same', own.destroy / floor.destroy, 'times', 1.5);
}

/** Seconds of each step. */
async function life(reattach: string): Promise<{ apply: number; plan: number; destroy: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-terraform-'));
  const resource = Object.fromEntries(
    Object.entries(RESOURCES).map(([type, [count, body]]) => [
      type,
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `r${index}`,
          body(`bench-${type.slice(4).replaceAll('_', '-')}-${index}`),
        ]),
      ),
    ]),
  );
  writeFileSync(
    join(folder, 'main.tf.json'),
    JSON.stringify({
      terraform: { required_providers: { aws: { source: 'hashicorp/aws' } } },
      provider: { aws: { region: 'us-east-1' } },
      resource,
    }),
  );
  const environment = {
    PATH: process.env['PATH'],
    HOME: folder,
    CHECKPOINT_DISABLE: '1',
    TF_CLI_CONFIG_FILE: '/dev/null',
    TF_REATTACH_PROVIDERS: reattach,
  };
  const terraform = (...args: string[]) =>
    promisify(execFile)(process.env['PLINTH_ENGINE'] ?? 'terraform', args, { cwd: folder, env: environment });
  await terraform('init');
  const apply = await seconds(() => terraform('apply', '-auto-approve'));
  const plan = await seconds(() => terraform('plan'));
  const destroy = await seconds(() => terraform('destroy', '-auto-approve'));
  rmSync(folder, { recursive: true });
  return { apply, plan, destroy };
}
