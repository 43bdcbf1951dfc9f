// What the tests of blocks stand on: a stack of a small system, its Terraform, and what a role was granted.
import { Role } from './security/role.ts';
import { Stack } from './stack.ts';
import { terraformOf, type Json } from './synth.ts';
import { defineSystem, type EnvironmentName } from './system.ts';

interface Configuration {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Json>>>>>>;
}

export const testSystem = defineSystem({
  name: 'shop',
  project: 'shop',
  owner: 'team-shop',
  costCenter: '4711',
  environments: ['dev', 'staging', 'production'],
  state: { bucket: 'shop-terraform-state-{account}', table: 'shop-terraform-locks' },
  stacks: [{ name: 'state', key: 'bootstrap/terraform.tfstate', backend: true, build: () => {} }],
});

export const testStack = (environment: EnvironmentName = 'production'): Stack =>
  new Stack({ system: testSystem, environment, name: 'test' });

/** A role to grant things to. */
export const testRole = (stack: Stack): Role =>
  new Role(stack, 'reader', {
    name: 'reader',
    assumedBy: 'lambda.amazonaws.com',
    description: 'Whoever is granted to',
  });

/** One resource as Terraform has it, with `{account}` for the account. */
export function resource(stack: Stack, address: string): Readonly<Record<string, Json>> {
  const [type = '', name = ''] = address.split('.');
  const found = (withNamedAccount(terraformOf(stack)) as Configuration).resource?.[type]?.[name];
  if (!found) throw new Error(`there is no ${address} among ${addresses(stack).join(', ')}`);
  return found;
}

/** Every resource's address, sorted. */
export const addresses = (stack: Stack): string[] =>
  Object.entries((terraformOf(stack) as Configuration).resource ?? {})
    .flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`))
    .sort();

/** What `testRole` was granted: `action on resource`, sorted. */
export function grants(stack: Stack): string[] {
  const { policy } = resource(stack, 'aws_iam_role_policy.reader');
  const { Statement } = JSON.parse(policy as string) as { Statement: { Action: string[]; Resource: string[] }[] };
  return Statement.flatMap(({ Action, Resource }) =>
    Action.map((action) => `${action} on ${Resource.join(', ')}`),
  ).sort();
}

const withNamedAccount = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll('${data.aws_caller_identity.current.account_id}', '{account}'));
