// IAM's memory: users, roles, managed policies and who has which; shared by the IAM service and the authorizer.
import type { Collection, Store } from '../store.ts';
import { findManaged } from './aws-managed.ts';
import type { NamedPolicy, PrincipalPolicies } from './decision.ts';
import type { Principal } from './principal.ts';

/** What users and roles have in common. */
interface Holder {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** Milliseconds on the cloud's clock. */
  readonly createdAt: number;
  /** Inline policies: name → document. */
  inline: Record<string, string>;
  /** ARNs of attached managed policies, in the order of attachment. */
  attached: string[];
  boundary?: string | undefined;
  tags: Record<string, string>;
}

export interface User extends Holder {}

export interface Role extends Holder {
  description?: string | undefined;
  trust: string;
  maxSessionSeconds: number;
  lastUsedAt?: number;
}

export interface PolicyVersion {
  readonly id: string;
  readonly document: string;
  readonly createdAt: number;
}

export interface ManagedPolicy {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly createdAt: number;
  readonly description?: string | undefined;
  updatedAt: number;
  versions: PolicyVersion[];
  /** The number of the next version; numbers are never used twice. */
  nextVersion: number;
  defaultVersion: string;
  tags: Record<string, string>;
}

export class Directory {
  readonly users: Collection<User>;
  readonly roles: Collection<Role>;
  /** Customer-managed policies by ARN. */
  readonly policies: Collection<ManagedPolicy>;

  constructor(store: Store) {
    this.users = store.collection<User>('iam.users');
    this.roles = store.collection<Role>('iam.roles');
    this.policies = store.collection<ManagedPolicy>('iam.policies');
  }

  /** The role with this ARN, whatever its path. */
  findRoleByArn(arn: string): Role | undefined {
    const role = this.roles.get(arn.slice(arn.lastIndexOf('/') + 1));
    return role?.arn === arn ? role : undefined;
  }

  /** A managed policy, the customer's or one of AWS's that the cloud knows. */
  findPolicy(arn: string): ManagedPolicy | undefined {
    return this.policies.get(arn) ?? findManaged(arn);
  }

  /** The document in force of a managed policy. */
  findDocument(policyArn: string): string | undefined {
    const policy = this.findPolicy(policyArn);
    return policy?.versions.find((version) => version.id === policy.defaultVersion)?.document;
  }

  /** Every policy that IAM holds for the principal; a deleted user or role has none. */
  policiesOf(principal: Principal): PrincipalPolicies {
    if (principal.kind !== 'user' && principal.kind !== 'session') {
      return { identity: [], boundary: undefined, session: [] };
    }
    const holder = principal.kind === 'user' ? this.users.get(principal.name) : this.findRoleByArn(principal.roleArn);
    return {
      identity: holder ? this.#identityPolicies(holder) : [],
      boundary: holder?.boundary
        ? { name: holder.boundary, document: this.findDocument(holder.boundary) ?? NOTHING }
        : undefined,
      session:
        principal.kind === 'session'
          ? principal.policies.map((document) => ({ name: 'session policy', document }))
          : [],
    };
  }

  #identityPolicies(holder: Holder): NamedPolicy[] {
    const inline = Object.entries(holder.inline).map(([name, document]) => ({ name, document }));
    const attached = holder.attached.flatMap((arn) => {
      const document = this.findDocument(arn);
      return document === undefined ? [] : [{ name: arn, document }];
    });
    return [...inline, ...attached];
  }
}

// A boundary whose policy is gone allows nothing.
const NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
