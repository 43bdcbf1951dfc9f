// Runs the real engine in a folder of its own, for tests: its whole environment is the test's, nothing of the machine's gets in.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly finished: Promise<Finished>;
  /** Resolves once the command prints this. */
  readonly says: (text: string) => Promise<void>;
  /** What Ctrl-C is to the command. */
  readonly interrupt: () => void;
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
}

/** A change as `terraform show -json` tells of it. */
export interface Change {
  readonly address: string;
  readonly type: string;
  readonly mode: 'managed' | 'data';
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Record<string, any> | null;
    readonly after: Record<string, any> | null;
    readonly after_unknown: Record<string, any>;
    readonly importing?: { readonly id: string };
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

export interface PlanJson {
  readonly resource_changes: readonly Change[];
  readonly resource_drift: readonly Change[];
}

/** A Terraform root in a temporary folder. */
export class TestRoot {
  readonly folder = mkdtempSync(join(tmpdir(), 'plinth-root-'));
  readonly #reattach: () => string;

  /** `reattach` is asked at each command, so that a root can outlive a door. */
  constructor(reattach: () => string) {
    this.#reattach = reattach;
    this.write('engine.tfrc', '');
  }

  write(name: string, content: string | object): void {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    const raw = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(file, raw ? content : JSON.stringify(content, null, 2));
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Writes `main.tf.json` with the provider's address added, and initializes. */
  async init(configuration: object): Promise<void> {
    this.write('main.tf.json', {
      terraform: { required_providers: { aws: { source: 'hashicorp/aws' } } },
      ...configuration,
    });
    await this.succeed('init');
  }

  run(...args: string[]): Promise<Finished> {
    return this.start(...args).finished;
  }

  start(...args: string[]): Running {
    const environment = {
      PATH: process.env['PATH'],
      HOME: this.folder,
      TMPDIR: tmpdir(),
      CHECKPOINT_DISABLE: '1',
      TF_IN_AUTOMATION: '1',
      TF_INPUT: '0',
      TF_CLI_CONFIG_FILE: join(this.folder, 'engine.tfrc'),
      TF_REATTACH_PROVIDERS: this.#reattach(),
    };
    const { promise: finished, resolve, reject } = Promise.withResolvers<Finished>();
    const child = execFile(
      process.env['PLINTH_ENGINE'] ?? 'terraform',
      args,
      { cwd: this.folder, env: environment, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    const says = (text: string): Promise<void> => {
      let said = '';
      return new Promise((resolve) => {
        child.stdout?.on('data', (chunk: string) => {
          said += chunk;
          if (said.includes(text)) resolve();
        });
      });
    };
    return { finished, says, interrupt: () => child.kill('SIGINT') };
  }

  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args, '-no-color');
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Applies what is configured, or a saved plan, and answers what went wrong. */
  async apply(...args: string[]): Promise<Diagnostic[]> {
    return this.#diagnostics(await this.run('apply', '-json', '-auto-approve', ...args));
  }

  async destroy(): Promise<Diagnostic[]> {
    return this.#diagnostics(await this.run('destroy', '-json', '-auto-approve'));
  }

  /** The plan, and what went wrong on the way to it. */
  async plan(...args: string[]): Promise<{ plan: PlanJson; diagnostics: Diagnostic[] }> {
    const diagnostics = this.#diagnostics(await this.run('plan', '-json', '-out=plan.bin', ...args));
    if (diagnostics.some(({ severity }) => severity === 'error')) {
      return { plan: { resource_changes: [], resource_drift: [] }, diagnostics };
    }
    const { resource_changes = [], resource_drift = [] } = JSON.parse(await this.succeed('show', '-json', 'plan.bin'));
    return { plan: { resource_changes, resource_drift }, diagnostics };
  }

  /** Addresses that a plan made now would change, with how. */
  async pending(): Promise<string[]> {
    const { plan, diagnostics } = await this.plan();
    const changes = plan.resource_changes.filter(({ change }) => change.actions.join() !== 'no-op');
    return [
      ...diagnostics.map(({ summary }) => summary),
      ...changes.map(({ address, change }) => `${address}: ${change.actions.join()}`),
    ];
  }

  /** The attributes of every resource and data source in the state, by address. */
  async state(): Promise<Map<string, Record<string, any>>> {
    const { values } = JSON.parse(await this.succeed('show', '-json'));
    const resources: { address: string; values: Record<string, any> }[] = values?.root_module?.resources ?? [];
    return new Map(resources.map(({ address, values: attributes }) => [address, attributes]));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #diagnostics({ stdout, stderr, code }: Finished): Diagnostic[] {
    const found = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { type: string; diagnostic?: Diagnostic })
      .flatMap(({ type, diagnostic }) => (type === 'diagnostic' && diagnostic ? [diagnostic] : []));
    if (code !== 0 && found.length === 0) throw new Error(`the engine ended with ${code}\n${stdout}${stderr}`);
    return found;
  }
}
