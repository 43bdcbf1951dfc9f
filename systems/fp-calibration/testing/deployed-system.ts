// What the drills stand on: the system deployed as its user would, organizations that call it, and a clock to move.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';

import { callService, type Credentials, type ServiceAnswer, type ServiceRequest } from '../client.ts';
import { IDENTITY } from '../contract.ts';

const main = join(import.meta.dirname, '../../../packages/cli/src/main.ts');
const REGION = 'us-east-1';

export type Endpoint = 'ingestion' | 'consent' | 'calibration' | 'blocks';

/** One event of an organization, but for what a test says of it. */
export interface EventOptions {
  readonly ruleId: string;
  readonly finding: string;
  readonly actualOutcome?: 'false_positive' | 'true_positive' | 'pending';
  readonly ruleVersion?: string;
}

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export class DeployedSystem {
  readonly environment: NodeJS.ProcessEnv;
  readonly #home: string;
  #outputs: Readonly<Record<string, string>> = {};
  #users = 0;
  #variables: Readonly<Record<string, string>> | undefined;
  #ahead: number | undefined;

  private constructor(home: string, port: number) {
    this.#home = home;
    this.environment = { ...process.env, PLINTH_DIR: home, PLINTH_PORT: String(port) };
  }

  /** Deploys the system to a cloud of its own. */
  static async start(): Promise<DeployedSystem> {
    const deployed = new DeployedSystem(mkdtempSync(join(tmpdir(), 'plinth-fp-')), await freePort());
    try {
      const { systems } = deployed.answer('up', 'fp-calibration') as { systems: [{ outputs: Record<string, string> }] };
      deployed.#outputs = systems[0].outputs;
      return deployed;
    } catch (error) {
      // Nobody gets to stop what could not be deployed.
      deployed.stop();
      throw error;
    }
  }

  stop(): void {
    this.plinth('down');
    rmSync(this.#home, { recursive: true, force: true });
  }

  plinth(...words: readonly string[]): Finished {
    return this.plinthWith('', ...words);
  }

  /** Runs a command that reads this on standard input. */
  plinthWith(input: string, ...words: readonly string[]): Finished {
    const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...words], {
      env: this.environment,
      encoding: 'utf8',
      input,
    });
    return { stdout, stderr, status };
  }

  /** The files that hold a text, of all that Plinth keeps: roots, plans, states with their versions, logs and the cloud itself. */
  filesWith(text: string): string[] {
    return readdirSync(this.#home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file).includes(text));
  }

  /** What a command answers with --json; throws what it complains of. */
  answer(...words: readonly string[]): unknown {
    const { stdout, status } = this.plinth(...words, '--json');
    if (status !== 0) throw new Error(`plinth ${words.join(' ')}: ${stdout}`);
    return JSON.parse(stdout);
  }

  /** Runs a command while this process goes on, as senders do. */
  async begin(...words: readonly string[]): Promise<void> {
    await promisify(execFile)(process.execPath, [main, ...words], { env: this.environment });
  }

  output(name: string): string {
    const value = this.#outputs[name];
    if (value === undefined) throw new Error(`there is no output ${name}`);
    return value;
  }

  /** For clients of the SDK, as the administrator. */
  get configuration() {
    const {
      AWS_ENDPOINT_URL: endpoint = '',
      AWS_ACCESS_KEY_ID: accessKeyId = '',
      AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
    } = (this.#variables ??= this.answer('env') as Record<string, string>);
    return { endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey } };
  }

  /** The cloud's time. */
  now(): number {
    this.#ahead ??= this.#clock('show');
    return Date.now() + this.#ahead;
  }

  advance(duration: string): void {
    this.#ahead = this.#clock('advance', duration);
  }

  /** How far a command on the clock leaves it ahead of this machine's, in milliseconds. */
  #clock(...words: readonly string[]): number {
    return Date.parse((this.answer('clock', ...words) as { now: string }).now) - Date.now();
  }

  /** Moves the clock to where a period of so many seconds begins, as CloudWatch cuts them. */
  advanceToPeriod(seconds: number): void {
    this.advance(`${seconds - (Math.floor(this.now() / 1_000) % seconds)}s`);
  }

  /** Moves the clock to noon of the next day with this number, 0 being Sunday: far from any week's end. */
  advanceToNoonOf(weekday: number): void {
    const now = this.now();
    const date = new Date(now);
    const days =
      ((weekday - date.getUTCDay() + 7) % 7) + (date.getUTCHours() >= 12 && date.getUTCDay() === weekday ? 7 : 0);
    const noon = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days, 12);
    this.advance(`${Math.max(1, Math.ceil((noon - now) / 1_000))}s`);
  }

  /** A new credential of an organization: an IAM user of its own, with the policy that the system gives them. */
  async credential(organization: string): Promise<Credentials> {
    const iam = new IAMClient(this.configuration);
    const UserName = `${organization}-${++this.#users}`;
    await iam.send(new CreateUserCommand({ UserName, Path: `${IDENTITY.userPath}${organization}/` }));
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: this.output('organization_policy_arn') }));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' };
  }

  /** Credentials of so many organizations, each of which has consented. */
  async organizations(names: readonly string[]): Promise<Map<string, Credentials>> {
    const made = new Map<string, Credentials>();
    for (const name of names) {
      const credentials = await this.credential(name);
      const { status, body } = await this.consent(name, credentials);
      if (status !== 200) throw new Error(JSON.stringify(body));
      made.set(name, credentials);
    }
    return made;
  }

  consent(organization: string, credentials: Credentials, more: object = {}): Promise<ServiceAnswer> {
    const body = { type: 'explicit', scope: ['rule_calibration'], policyVersion: '1.0', ...more };
    return this.call('consent', { method: 'PUT', path: `/v1/consent/${organization}`, body }, credentials);
  }

  call(endpoint: Endpoint, request: ServiceRequest, credentials: Credentials): Promise<ServiceAnswer> {
    return callService(this.output(`${endpoint}_url`), request, { credentials, region: REGION });
  }

  report(credentials: Credentials, event: EventOptions, now: number): Promise<ServiceAnswer> {
    return this.call('ingestion', { method: 'POST', path: '/v1/events', body: eventOf(event, now) }, credentials);
  }

  /** Several events in one request; one alone is sent as it is. */
  reportAll(credentials: Credentials, events: readonly EventOptions[], now: number): Promise<ServiceAnswer> {
    const all = events.map((event) => eventOf(event, now));
    const body = all.length === 1 ? all[0] : all;
    return this.call('ingestion', { method: 'POST', path: '/v1/events', body }, credentials);
  }

  ask(ruleId: string, credentials: Credentials, query: Readonly<Record<string, string>> = {}): Promise<ServiceAnswer> {
    return this.call('calibration', { path: `/v1/calibration/${ruleId}`, query }, credentials);
  }
}

export const eventOf = (
  { actualOutcome = 'false_positive', ruleVersion = '1.0.0', ...event }: EventOptions,
  now: number,
) => ({
  ...event,
  actualOutcome,
  ruleVersion,
  outcome: 'block',
  confidence: 0.9,
  timestamp: new Date(now).toISOString(),
  environment: 'production',
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
