// What a system is: its environments, its Terraform roots in order, where their state lives, and how its health is asked.
import { noAccount, unknownEnvironment } from './errors.ts';
import { validate, type Rule } from './rules.ts';
import type { Stack } from './stack.ts';

export type EnvironmentName = 'dev' | 'staging' | 'production';

/** One Terraform root of a system. */
export interface StackDefinition {
  readonly name: string;
  /** The state's key in the state bucket, e.g. `phase-00-global-infra/terraform.tfstate`. */
  readonly key: string;
  /** True for the one stack that holds the state bucket and lock table: it is applied first, with local state. @default false */
  readonly backend?: boolean;
  /** Stacks that have to be applied before this one, besides the backend. */
  readonly after?: readonly string[];
  /** Declares the stack's blocks. */
  readonly build: (stack: Stack) => void | Promise<void>;
}

/** Where the state of a system lives; `{account}` in a bucket's name becomes the account id. */
export interface StateNames {
  readonly bucket: string;
  readonly table: string;
}

/** The parts by which a system repairs itself; names as their stack gives them. */
export interface RecoveryNames {
  /** The stack that holds the project and the bucket. */
  readonly stack: string;
  /** The build project that applies the last known good root. */
  readonly project: string;
  /** The bucket that keeps applied roots; `{account}` becomes the account id. */
  readonly bucket: string;
}

/** What a health check may use: where AWS is, and what the stacks put out. */
export interface HealthContext {
  readonly region: string;
  /** Undefined on AWS itself. */
  readonly endpoint: string | undefined;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Every stack's Terraform outputs, in one. */
  readonly outputs: Readonly<Record<string, string>>;
}

export interface HealthCheck {
  /** What is looked at, e.g. `incidents table`. */
  readonly name: string;
  /** Answers what it saw; throws an error that says what is wrong. */
  readonly check: (context: HealthContext) => Promise<string>;
}

export interface SystemProps {
  readonly name: string;
  /** The `Project` tag. */
  readonly project: string;
  /** The `Owner` tag: who is asked about these resources. */
  readonly owner: string;
  /** The `CostCenter` tag: who pays. */
  readonly costCenter: string;
  /** @default us-east-1 */
  readonly region?: string;
  readonly environments: readonly [EnvironmentName, ...EnvironmentName[]];
  /** @default the first of `environments` */
  readonly defaultEnvironment?: EnvironmentName;
  readonly state: StateNames;
  readonly recovery?: RecoveryNames;
  readonly stacks: readonly StackDefinition[];
  readonly health?: readonly HealthCheck[];
  /** Tests of a deployment from outside, through its own endpoints; they may write what they clear away again. */
  readonly smoke?: readonly HealthCheck[];
}

export interface System extends SystemProps {
  readonly region: string;
  readonly defaultEnvironment: EnvironmentName;
  /** In the order in which they are applied: the backend, then each after what it needs. */
  readonly stacks: readonly StackDefinition[];
  readonly health: readonly HealthCheck[];
  readonly smoke: readonly HealthCheck[];
}

/** Declares a system; throws a `UserError` where the declaration contradicts itself. */
export function defineSystem(props: SystemProps): System {
  validate(RULES, props);
  return {
    ...props,
    region: props.region ?? 'us-east-1',
    defaultEnvironment: props.defaultEnvironment ?? props.environments[0],
    stacks: inOrder(props.stacks),
    health: props.health ?? [],
    smoke: props.smoke ?? [],
  };
}

/** The environment of that name, or the default one. */
export function requireEnvironment(system: System, name: string = system.defaultEnvironment): EnvironmentName {
  const found = system.environments.find((environment) => environment === name);
  if (!found) throw unknownEnvironment(system.name, name, system.environments);
  return found;
}

/** A name with the account filled in: `aiops-terraform-state-{account}` → `aiops-terraform-state-123456789012`. */
export function withAccount(name: string, account: string): string {
  if (!/^\d{12}$/.test(account)) throw noAccount(account);
  return name.replaceAll('{account}', account);
}

const NAME = /^[a-z][a-z0-9-]*$/;

const RULES: readonly Rule<SystemProps>[] = [
  {
    code: 'system-name',
    holds: ({ name, stacks }) => [name, ...stacks.map((stack) => stack.name)].every((each) => NAME.test(each)),
    says: ({ name, stacks }) =>
      `'${[name, ...stacks.map((stack) => stack.name)].find((each) => !NAME.test(each))}' is not a name`,
    fix: 'Names of systems and stacks are folders and keys: lower case letters, digits and dashes.',
  },
  {
    code: 'default-environment',
    holds: ({ environments, defaultEnvironment: name }) => name === undefined || environments.includes(name),
    says: ({ defaultEnvironment }) => `the default environment '${defaultEnvironment}' is not among the environments`,
    fix: 'Add it to `environments`, or name one that is there.',
  },
  {
    code: 'one-backend',
    holds: ({ stacks }) => stacks.filter((stack) => stack.backend).length === 1,
    says: ({ name, stacks }) => `${name} has ${stacks.filter((stack) => stack.backend).length} backend stacks`,
    fix: 'Mark exactly one stack with `backend: true`: the one that holds the state bucket.',
  },
  {
    code: 'stack-twice',
    holds: ({ stacks }) => distinct(stacks.map((stack) => stack.name)) && distinct(stacks.map((stack) => stack.key)),
    says: ({ name }) => `two stacks of ${name} share a name or a state key`,
    fix: 'Give each stack its own name and its own key: two roots in one state destroy each other.',
  },
  {
    code: 'stack-order',
    holds: ({ stacks }) => inOrder(stacks).length === stacks.length,
    says: ({ stacks }) =>
      `no order satisfies ${stacks
        .filter((s) => !inOrder(stacks).includes(s))
        .map((s) => s.name)
        .join(', ')}`,
    fix: '`after` may name other stacks of the system only, and not in a circle.',
  },
];

const distinct = (values: readonly string[]): boolean => new Set(values).size === values.length;

// Stacks whose needs cannot be met are left out; a rule reports them.
function inOrder(stacks: readonly StackDefinition[]): StackDefinition[] {
  const ordered = stacks.filter((stack) => stack.backend);
  const ready = (stack: StackDefinition) =>
    !ordered.includes(stack) && (stack.after ?? []).every((name) => ordered.some((done) => done.name === name));
  for (let next = stacks.find(ready); next; next = stacks.find(ready)) ordered.push(next);
  return ordered;
}
