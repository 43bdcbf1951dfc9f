// One connection of Terraform, which is one configuration of the provider: its region, its tags, and whom it acts as.
import { AwsError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/identity/principal.ts';
import type { Kernel } from '../kernel/service.ts';
import type { StsOperations } from '../services/sts/operations.ts';
import { assumeRole } from './assume-role.ts';
import { problem, rememberAction, type Diagnostic } from './diagnostics.ts';
import { interrupted, UserError } from './errors.ts';
import { isRegion } from './regions.ts';
import type { Client, ResourceContext } from './resource.ts';
import { NO_TAG_RULES, type TagRules } from './tags.ts';
import { hasUnknown, isObject, knownPart, type WireObject, type WireValue } from './value.ts';

/** As whom a door's callers act, and where their relative paths start. */
export interface DoorOptions {
  readonly principal: Principal;
  readonly folder: string;
}

/** The real provider looks into its environment for a region; this one runs elsewhere than Terraform, and has this instead. */
const DEFAULT_REGION = 'us-east-1';

export class Connection {
  readonly #kernel: Kernel;
  readonly #folder: string;
  readonly #stopping = new AbortController();
  #principal: Principal;
  #region = DEFAULT_REGION;
  #tags = NO_TAG_RULES;

  constructor(kernel: Kernel, { principal, folder }: DoorOptions) {
    this.#kernel = kernel;
    this.#principal = principal;
    this.#folder = folder;
  }

  get region(): string {
    return this.#region;
  }

  get tags(): TagRules {
    return this.#tags;
  }

  /** Takes a provider configuration; answers what the real provider would refuse of what is known of it. */
  async configure(configured: WireObject): Promise<Diagnostic[]> {
    const config = knownPart(configured) as WireObject;
    const problems = validateProvider(config, this.#kernel.account);
    if (problems.length > 0) return problems;
    if (typeof config['region'] === 'string' && config['region']) this.#region = config['region'];
    const [ignored] = objects(config['ignore_tags']);
    this.#tags = {
      defaults: Object.fromEntries(
        Object.entries(objects(config['default_tags'])[0]?.['tags'] ?? {}).flatMap(([key, value]) =>
          typeof value === 'string' ? [[key, value]] : [],
        ),
      ),
      ignoredKeys: new Set(texts(ignored?.['keys'])),
      ignoredPrefixes: texts(ignored?.['key_prefixes']),
      incomplete: hasUnknown(configured['default_tags']),
    };
    for (const role of objects(config['assume_role'])) {
      const assumed = await assumeRole(
        role,
        (input) => this.context(undefined).client<StsOperations>('sts')('AssumeRole', input),
        (accessKeyId) => this.#kernel.identity.keys.find(accessKeyId ?? '')!.principal,
      );
      if ('severity' in assumed) return [assumed];
      this.#principal = assumed;
    }
    return [];
  }

  /** What a handler is given. `created` hears when a resource begins to exist. */
  context(region: WireValue | undefined, created: ResourceContext['created'] = () => {}): ResourceContext {
    const where = typeof region === 'string' && region ? region : this.#region;
    return {
      region: where,
      account: this.#kernel.account,
      folder: this.#folder,
      client: (service, region = where) => this.#client(service, region),
      signal: this.#stopping.signal,
      created,
    };
  }

  /** No further change begins; one that has begun is finished, so that Terraform's state tells of all that exists. */
  stop(): void {
    this.#stopping.abort(interrupted());
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Leaves a trace of a failure that is no answer of AWS but a defect. */
  reportDefect(type: string, error: unknown): void {
    if (error instanceof AwsError || error instanceof UserError) return;
    this.#kernel.log('terraform.defect', {
      type,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  #client(service: string, region: string): Client<any> {
    return async (operation, input) => {
      try {
        return await this.#kernel.invoke(service, operation, input, { principal: this.#principal, region });
      } catch (error) {
        rememberAction(error, `${service}:${operation}`);
        throw error;
      }
    };
  }
}

/** What the real provider refuses of its own configuration. */
export function validateProvider(config: WireObject, account: string): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const region = config['region'];
  if (typeof region === 'string' && region && !config['skip_region_validation'] && !isRegion(region)) {
    problems.push(problem(`invalid AWS Region: ${region}`, 'No region of AWS has this name.', 'region'));
  }
  const allowed = texts(config['allowed_account_ids']);
  const forbidden = texts(config['forbidden_account_ids']);
  if (allowed.length > 0 && forbidden.length > 0) {
    problems.push(
      problem(
        'Conflicting configuration arguments',
        '"forbidden_account_ids": conflicts with allowed_account_ids',
        'forbidden_account_ids',
      ),
    );
  } else if ((allowed.length > 0 && !allowed.includes(account)) || forbidden.includes(account)) {
    problems.push(
      problem(
        `AWS account ID not allowed: ${account}`,
        `The local cloud's account is ${account}. ${allowed.length > 0 ? `Add it to allowed_account_ids (${allowed.join(', ')}) for this target.` : 'Take it out of forbidden_account_ids.'}`,
        allowed.length > 0 ? 'allowed_account_ids' : 'forbidden_account_ids',
      ),
    );
  }
  if (objects(config['assume_role_with_web_identity']).length > 0) {
    problems.push(
      problem(
        'The local cloud does not support assume_role_with_web_identity',
        'There is no identity provider here that would vouch for a token. Use assume_role, or leave both out.',
        'assume_role_with_web_identity',
      ),
    );
  }
  return problems;
}

const objects = (value: WireValue | undefined): WireObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

const texts = (value: WireValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
