// One Terraform root: the provider with its tags, readable addresses, outputs and the files that belong to it.
import { DataAwsCallerIdentity } from '@cdktn/provider-aws/lib/data-aws-caller-identity/index.js';
import { AwsProvider } from '@cdktn/provider-aws/lib/provider/index.js';
import { TerraformElement, TerraformOutput, TerraformStack, TerraformVariable, VariableType } from 'cdktn';
import { RootConstruct, type IConstruct, type Node } from 'constructs';

import { notInAStack } from './errors.ts';
import type { EnvironmentName, System } from './system.ts';

export interface StackProps {
  /** The system that the stack belongs to: its tags, its region, its state. */
  readonly system: System;
  /** Decides defaults such as retention and deletion protection. */
  readonly environment: EnvironmentName;
  /** The stack's name in the system. */
  readonly name: string;
}

/** Both major versions of hashicorp/aws that the blocks' arguments are checked against. */
const AWS_PROVIDER_VERSION = '>= 5.100.0, < 7.0.0';

const ENGINE_VERSION = '>= 1.5';

/**
 * A Terraform root. Every resource in it carries the tags Project, Environment, Owner, CostCenter and ManagedBy, and
 * nothing in it names an account: the same root fits every target.
 */
export class Stack extends TerraformStack {
  readonly system: System;
  readonly environment: EnvironmentName;
  readonly region: string;
  /** Files that stand beside the configuration, by their path in the root. */
  readonly assets = new Map<string, Uint8Array>();

  constructor({ system, environment, name }: StackProps) {
    super(new RootConstruct(), name);
    this.system = system;
    this.environment = environment;
    this.region = system.region;
    new AwsProvider(this, 'aws', { region: this.region, defaultTags: [{ tags: this.tags }] });
    this.addOverride('terraform.required_version', ENGINE_VERSION);
    this.addOverride('terraform.required_providers.aws.version', AWS_PROVIDER_VERSION);
  }

  /** The stack that a block stands in. */
  static override of(construct: IConstruct): Stack {
    const stack = TerraformStack.of(construct);
    if (!(stack instanceof Stack)) throw notInAStack(construct.node.path);
    return stack;
  }

  get production(): boolean {
    return this.environment === 'production';
  }

  get tags(): Record<string, string> {
    const { project, owner, costCenter } = this.system;
    return {
      Project: project,
      Environment: this.environment,
      Owner: owner,
      CostCenter: costCenter,
      ManagedBy: 'plinth',
    };
  }

  /** The account id, which Terraform asks of whatever target it runs against. */
  get account(): string {
    const existing = this.node.tryFindChild('Current') as DataAwsCallerIdentity | undefined;
    return (existing ?? new DataAwsCallerIdentity(this, 'Current')).accountId;
  }

  /** Replaces `{account}` in a name by the account id. */
  withAccount(name: string): string {
    return name.includes('{account}') ? name.replaceAll('{account}', this.account) : name;
  }

  /** An ARN in this account and region, spelled out rather than asked of a resource: re-creating that resource then changes nothing else. */
  arnOf(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${this.account}:${resource}`;
  }

  /** Puts a file into the root and answers its path there. */
  addAsset(name: string, bytes: Uint8Array): string {
    const path = `assets/${name}`;
    this.assets.set(path, bytes);
    return path;
  }

  /** A switch that whoever deploys may turn: `plinth up … --var name=false`, or a line in the environment's `.tfvars`. */
  switch(name: string, standard: boolean, description: string): TerraformVariable {
    return new TerraformVariable(this, name, {
      type: VariableType.BOOL,
      default: standard,
      description,
      nullable: false,
    });
  }

  /** Words that whoever deploys may give, e.g. addresses: `plinth up … --var 'name=["a", "b"]'`. */
  list(name: string, description: string): TerraformVariable {
    return new TerraformVariable(this, name, {
      type: VariableType.LIST_STRING,
      default: [],
      description,
      nullable: false,
    });
  }

  output(name: string, value: string, description: string): void {
    new TerraformOutput(this, name, { value, description });
  }

  // A name in PascalCase belongs to a block's own parts, which their Terraform type tells apart; what is left are the
  // names that people gave: `aws_s3_bucket_policy.artifacts` rather than `aws_s3_bucket_policy.artifacts_Policy_1F6A`.
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const node = element instanceof TerraformElement ? element.node : element;
    const ids = node.scopes.slice(node.scopes.indexOf(this) + 1).map((scope) => scope.node.id);
    const given = ids.filter((id) => !/^[A-Z]/.test(id));
    return (given.length > 0 ? given : ids)
      .join('_')
      .replaceAll(/[^A-Za-z0-9_]/g, '_')
      .toLowerCase();
  }
}
