// IAM's memory: users, groups, roles, policies and identity providers, and who has which.
import type { Collection, Store } from '../store.ts';
import { findManaged } from './aws-managed.ts';
import type { NamedPolicy, PrincipalPolicies } from './decision.ts';
import type { Statement } from './policy-document.ts';
import type { Principal } from './principal.ts';

/** What users, groups and roles have in common. */
export interface PolicyHolder {
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
}

/** What users and roles have beyond that. */
interface Identity extends PolicyHolder {
  boundary?: string | undefined;
  tags: Record<string, string>;
}

export interface User extends Identity {
  /** Names of groups; absent for none. */
  groups?: string[];
}

export interface Group extends PolicyHolder {}

export interface Role extends Identity {
  description?: string | undefined;
  trust: string;
  maxSessionSeconds: number;
  lastUsedAt?: number;
  lastUsedRegion?: string;
  /** The service that a service-linked role belongs to, which alone may change it: `replication.dynamodb.amazonaws.com`. */
  readonly linkedTo?: string;
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

export interface InstanceProfile {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly createdAt: number;
  role?: string | undefined;
  tags: Record<string, string>;
}

export interface OidcProvider {
  readonly arn: string;
  /** As it was given, with its scheme. */
  readonly url: string;
  readonly createdAt: number;
  clientIds: string[];
  thumbprints: string[];
  tags: Record<string, string>;
}

export class Directory {
  readonly users: Collection<User>;
  readonly groups: Collection<Group>;
  readonly roles: Collection<Role>;
  /** Customer-managed policies by ARN. */
  readonly policies: Collection<ManagedPolicy>;
  readonly instanceProfiles: Collection<InstanceProfile>;
  /** By ARN. */
  readonly oidcProviders: Collection<OidcProvider>;

  constructor(store: Store) {
    this.users = store.collection<User>('iam.users');
    this.groups = store.collection<Group>('iam.groups');
    this.roles = store.collection<Role>('iam.roles');
    this.policies = store.collection<ManagedPolicy>('iam.policies');
    this.instanceProfiles = store.collection<InstanceProfile>('iam.instanceProfiles');
    this.oidcProviders = store.collection<OidcProvider>('iam.oidcProviders');
  }

  /** The role with this ARN, whatever its path. */
  findRoleByArn(arn: string): Role | undefined {
    const role = this.roles.get(arn.slice(arn.lastIndexOf('/') + 1));
    return role?.arn === arn ? role : undefined;
  }

  findUserByArn(arn: string): User | undefined {
    const user = this.users.get(arn.slice(arn.lastIndexOf('/') + 1));
    return user?.arn === arn ? user : undefined;
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

  /** Every policy that IAM holds for the principal; one whose user or role is gone, or is another by now, has none. */
  policiesOf(principal: Principal): PrincipalPolicies {
    switch (principal.kind) {
      case 'user':
        return { ...this.policiesOfHolder(this.#user(principal)), session: [] };
      case 'session':
        return { ...this.policiesOfHolder(this.#role(principal)), session: sessionPolicies(principal.policies) };
      case 'federated-user': {
        const { issuer } = principal;
        const issued = issuer.kind === 'root' ? ROOT : this.policiesOfHolder(this.#user(issuer));
        // A federated user may do what its session policies and its issuer's policies both allow: without the first, nothing.
        const policies = principal.policies.length > 0 ? principal.policies : [NOTHING];
        return { ...issued, session: sessionPolicies(policies) };
      }
      default:
        return { identity: [], boundary: undefined, session: [] };
    }
  }

  /** The identity policies and the boundary of a user or a role, those of its groups included. */
  policiesOfHolder(holder: User | Role | undefined): Pick<PrincipalPolicies, 'identity' | 'boundary'> {
    if (!holder) return { identity: [], boundary: undefined };
    const groups = 'groups' in holder ? (holder.groups ?? []).flatMap((name) => this.groups.get(name) ?? []) : [];
    return {
      identity: [holder, ...groups].flatMap((each) => this.ownPolicies(each)),
      boundary: holder.boundary
        ? { name: holder.boundary, document: this.findDocument(holder.boundary) ?? NOTHING }
        : undefined,
    };
  }

  /** What is written into a user, a group or a role, and what is attached to it. */
  ownPolicies(holder: PolicyHolder): NamedPolicy[] {
    const inline = Object.entries(holder.inline).map(([name, document]) => ({ name, document }));
    const attached = holder.attached.flatMap((arn) => {
      const document = this.findDocument(arn);
      return document === undefined ? [] : [{ name: arn, document }];
    });
    return [...inline, ...attached];
  }

  /** The tags that a principal goes by; a session's own hide those of its role. */
  tagsOf(principal: Principal): Readonly<Record<string, string>> {
    switch (principal.kind) {
      case 'user':
        return this.#user(principal)?.tags ?? {};
      case 'session':
        return withoutCase({ ...this.#role(principal)?.tags }, principal.tags);
      case 'federated-user': {
        const user = principal.issuer.kind === 'user' ? this.#user(principal.issuer) : undefined;
        return withoutCase({ ...user?.tags }, principal.tags);
      }
      default:
        return {};
    }
  }

  /** True for what a policy may name as its principal: somebody elsewhere, or somebody who is there. */
  knowsPrincipal(name: string, account: string): boolean {
    if (name === '*' || /^\d{12}$/.test(name)) return true;
    const [, owner, kind] = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):([a-z-]+)(?:\/.+)?$/.exec(name) ?? [];
    if (owner === undefined) return false;
    if (owner !== account || kind === 'root' || kind === 'assumed-role' || kind === 'federated-user') return true;
    if (kind === 'user') return this.findUserByArn(name) !== undefined;
    return kind === 'role' && this.findRoleByArn(name) !== undefined;
  }

  /** The first principal that a resource's policy names and that nobody is; undefined where it names none such. */
  findUnknownPrincipal(statements: readonly Statement[], account: string): string | undefined {
    const names = statements.flatMap(({ principals }) => [
      ...(principals?.['AWS'] ?? []),
      ...(principals?.['*'] ?? []),
    ]);
    return names.find((name) => !this.knowsPrincipal(name, account));
  }

  #user({ name, id }: { name: string; id: string }): User | undefined {
    const user = this.users.get(name);
    return user?.id === id ? user : undefined;
  }

  #role({ roleName, id }: { roleName: string; id: string }): Role | undefined {
    const role = this.roles.get(roleName);
    return role && id.startsWith(`${role.id}:`) ? role : undefined;
  }
}

const sessionPolicies = (documents: readonly string[]): NamedPolicy[] =>
  documents.map((document) => ({ name: 'session policy', document }));

// The keys of tags are told apart without regard to case.
function withoutCase(base: Record<string, string>, over: Readonly<Record<string, string>>): Record<string, string> {
  const hidden = new Set(Object.keys(over).map((key) => key.toLowerCase()));
  const kept = Object.entries(base).filter(([key]) => !hidden.has(key.toLowerCase()));
  return { ...Object.fromEntries(kept), ...over };
}

// Allows nothing, and denies nothing either: a boundary whose policy is gone, or a session policy that was not given.
const NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"*","Resource":"*"}]}';

const ROOT: Pick<PrincipalPolicies, 'identity' | 'boundary'> = {
  identity: [
    {
      name: 'account root',
      document: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    },
  ],
  boundary: undefined,
};
