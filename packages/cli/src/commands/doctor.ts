// plinth doctor: whether this machine has what Plinth needs.
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

import { dynoxidePath } from '@plinth/cloud/toolchain';

import { cloudFolder, cloudPort, cloudStatus, findCloud } from '../cloud-process.ts';
import { command } from '../command.ts';
import { toolchainFolder, type Context } from '../context.ts';
import { findEngine } from '../engine/engine.ts';
import { table } from '../report.ts';

interface Check {
  readonly name: string;
  /** `missing` is bad, as is what is damaged; `optional` is missing, and only something named by the detail needs it. */
  readonly result: 'ok' | 'missing' | 'optional';
  readonly detail: string;
}

/** What a deployment with its states, objects and logs may take. */
const ENOUGH_BYTES = 1_000_000_000;

export const doctor = command<readonly Check[]>({
  summary: 'Check whether this machine has what Plinth needs; says what is missing, and how to get it.',
  examples: [['plinth doctor', 'before you report a bug']],
  run: async (_invocation, context) =>
    Promise.all([
      checkNode(),
      checkEngine(context),
      checkDynoxide(context),
      checkCli(),
      checkDisk(context),
      checkCloud(context),
    ]),
  render: (checks) => table(checks.map(({ name, result, detail }) => [`${MARKS[result]} ${name}`, detail])).join('\n'),
  exitCode: (checks) => (checks.some(({ result }) => result === 'missing') ? 1 : 0),
});

const MARKS = { ok: '✓', missing: '✗', optional: '–' } as const;

const checkNode = async (): Promise<Check> => ({
  name: 'Node',
  result: 'ok',
  detail: `${process.version}, ${process.execPath}`,
});

async function checkEngine(context: Context): Promise<Check> {
  const name = 'Terraform or OpenTofu';
  try {
    const engine = await findEngine(context.variables, toolchainFolder(context), () => {});
    return { name, result: 'ok', detail: `${engine.name} ${engine.version}, ${engine.path}` };
  } catch (error) {
    return { name, result: 'missing', detail: (error as Error).message };
  }
}

const checkDynoxide = ({ variables }: Context): Promise<Check> =>
  versionOf('dynoxide', dynoxidePath(variables), 'missing', 'DynamoDB needs it: run ./plinth to fetch it');

const checkCli = (): Promise<Check> =>
  versionOf('AWS CLI', 'aws', 'optional', 'only plinth aws needs it: https://aws.amazon.com/cli/');

async function versionOf(name: string, path: string, result: 'missing' | 'optional', detail: string): Promise<Check> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, ['--version']);
    return { name, result: 'ok', detail: `${(stdout || stderr).trim().split('\n')[0] ?? ''}` };
  } catch (error) {
    return { name, result, detail: `${path}: ${(error as NodeJS.ErrnoException).code ?? 'does not run'}; ${detail}` };
  }
}

async function checkDisk({ home, root }: Context): Promise<Check> {
  const { bavail, bsize } = await statfs(home).catch(() => statfs(root));
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free for ${home}`;
  return { name: 'disk', result: free < ENOUGH_BYTES ? 'missing' : 'ok', detail };
}

async function checkCloud(context: Context): Promise<Check> {
  const name = 'cloud';
  const cloud = await findCloud(context);
  if (cloud) {
    const { memoryBytes } = await cloudStatus(cloud);
    return { name, result: 'ok', detail: `${cloud.endpoint}, ${Math.round(memoryBytes / 1e6)} MB` };
  }
  const problem = await problemOf(cloudFolder(context));
  if (problem !== undefined) return { name, result: 'missing', detail: problem };
  return { name, result: 'optional', detail: `not running on port ${cloudPort(context)}: plinth cloud start` };
}

async function problemOf(folder: string): Promise<string | undefined> {
  const { inspectState } = await import('@plinth/cloud/inspect');
  try {
    const problems = inspectState(folder);
    if (problems.length === 0) return undefined;
    return `damaged: ${problems.join('; ')}. plinth cloud snapshot list, or plinth cloud reset`;
  } catch (error) {
    // Only a cloud that rests can be looked at.
    return `another process works with ${folder} (${(error as Error).message}): lsof -t ${folder}/cloud.sqlite`;
  }
}
