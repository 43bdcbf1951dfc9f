// Write-only arguments: the real engine hands their values over, and writes them down nowhere.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import { rootPrincipal } from '../kernel/identity/principal.ts';
import type { Door } from '../kernel/service.ts';
import { TestRoot } from './testing.ts';

const root = rootPrincipal('000000000000');
const SECRET = 'aws_secretsmanager_secret_version.hidden';
const PARAMETER = 'aws_ssm_parameter.hidden';

let cloud: Cloud;
let door: Door;
let terraform: TestRoot;

beforeAll(async () => {
  cloud = await startCloud();
  terraform = new TestRoot(() => door.reattach);
  door = await cloud.kernel.openDoor({ principal: root, folder: terraform.folder });
  await terraform.init({
    provider: { aws: { region: 'eu-west-1' } },
    variable: { value: { type: 'string', ephemeral: true, default: null }, round: { type: 'number', default: 1 } },
    resource: {
      aws_secretsmanager_secret: { hidden: { name: 'hidden', recovery_window_in_days: 0 } },
      aws_secretsmanager_secret_version: {
        hidden: {
          secret_id: '${aws_secretsmanager_secret.hidden.id}',
          secret_string_wo: '${var.value}',
          secret_string_wo_version: '${var.round}',
        },
      },
      aws_ssm_parameter: {
        hidden: { name: 'hidden', type: 'SecureString', value_wo: '${var.value}', value_wo_version: '${var.round}' },
      },
    },
  });
});

afterAll(async () => {
  await door.close();
  await cloud.stop();
  terraform.remove();
});

test('a value goes from a saved plan’s apply to the service, and into no file', async () => {
  expect(await applied('correct horse', 1)).toEqual([]);
  expect(await kept()).toEqual({ secret: 'correct horse', parameter: 'correct horse' });
  expect(filesWith('correct horse')).toEqual([]);
  const state = await terraform.state();
  expect(state.get(SECRET)).toMatchObject({
    has_secret_string_wo: true,
    secret_string: '',
    secret_string_wo: null,
    secret_string_wo_version: 1,
  });
  expect(state.get(PARAMETER)).toMatchObject({ has_value_wo: true, value: '', value_wo: null, value_wo_version: 1 });
});

test('another value is no change while its version stays', async () => {
  const { plan } = await terraform.plan('-var', 'value=battery staple');
  expect(plan.resource_changes.filter(({ change }) => change.actions.join() !== 'no-op')).toEqual([]);
});

test('a new version brings the new value, and still into no file', async () => {
  const { plan } = await terraform.plan('-var', 'value=battery staple', '-var', 'round=2');
  const actions = Object.fromEntries(plan.resource_changes.map(({ address, change }) => [address, change]));
  expect(actions[SECRET]).toMatchObject({
    actions: ['delete', 'create'],
    replace_paths: [['secret_string_wo_version']],
  });
  expect(actions[PARAMETER]).toMatchObject({ actions: ['update'], after_unknown: { has_value_wo: true } });
  expect(await applied('battery staple', 2)).toEqual([]);
  expect(await kept()).toEqual({ secret: 'battery staple', parameter: 'battery staple' });
  expect(filesWith('battery staple')).toEqual([]);
});

test('what was written outside is not read into the state either', async () => {
  await invoke('ssm', 'PutParameter', { Name: 'hidden', Type: 'SecureString', Value: 'by hand', Overwrite: true });
  await invoke('secretsmanager', 'PutSecretValue', { SecretId: 'hidden', SecretString: 'by hand' });
  await terraform.apply('-refresh-only', '-var', 'value=battery staple', '-var', 'round=2');
  expect((await terraform.state()).get(PARAMETER)).toMatchObject({ version: 3, value: '' });
  expect(filesWith('by hand')).toEqual([]);
});

const invoke = <Output>(service: string, operation: string, input: object): Promise<Output> =>
  cloud.kernel.invoke(service, operation, input, { principal: root, region: 'eu-west-1' });

/** Plans into a file and applies it, as a pipeline does; answers what went wrong. */
async function applied(value: string, round: number) {
  const variables = ['-var', `value=${value}`, '-var', `round=${round}`];
  const { diagnostics } = await terraform.plan(...variables);
  return [...diagnostics, ...(await terraform.apply('-var', `value=${value}`, 'plan.bin'))];
}

async function kept(): Promise<{ secret: string; parameter: string }> {
  const secret = await invoke<{ SecretString: string }>('secretsmanager', 'GetSecretValue', { SecretId: 'hidden' });
  const parameter = await invoke<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {
    Name: 'hidden',
    WithDecryption: true,
  });
  return { secret: secret.SecretString, parameter: parameter.Parameter.Value };
}

/** The files of the root in which the text stands, as text or packed. */
const filesWith = (text: string): string[] =>
  readdirSync(terraform.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => {
      const content = readFileSync(file);
      return [content, ...(file.endsWith('.bin') ? unpack(content) : [])].some((part) => part.includes(text));
    });

/** The files in a zip archive, by its central directory. */
function unpack(zip: Buffer): Buffer[] {
  const end = zip.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  const parts: Buffer[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    const start = zip.readUInt32LE(at + 42);
    const data = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28);
    const packed = zip.subarray(data, data + zip.readUInt32LE(at + 20));
    parts.push(zip.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed));
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return parts;
}
