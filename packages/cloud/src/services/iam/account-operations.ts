// IAM of the whole account: everything in one answer, what there is how often, and the account's alias.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
import type {
  EntityType,
  GetAccountAuthorizationDetailsCommandInput,
  GroupDetail,
  ManagedPolicyDetail,
  RoleDetail,
  UserDetail,
} from '@aws-sdk/client-iam';

import { allManaged } from '../../kernel/identity/aws-managed.ts';
import type { Directory, ManagedPolicy, PolicyHolder } from '../../kernel/identity/directory.ts';
import type { Identity } from '../../kernel/identity/identity.ts';
import type { Access } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import { alreadyExists, invalid, noSuchEntity } from './errors.ts';
import { attachedPolicies } from './held-policies.ts';
import { roleShape } from './role-operations.ts';
import { encodeDocument, page, toTags, type PageInput } from './shapes.ts';
import { userShape } from './user-operations.ts';

const ALIAS = 'alias';

type ByAlias = { AccountAlias: string | undefined };

export function accountOperations({ directory }: Identity, settings: Collection<string>) {
  const anywhere = (action: string) => (): Access[] => [{ action: `iam:${action}`, resource: '*' }];
  return {
    GetAccountAuthorizationDetails: {
      access: anywhere('GetAccountAuthorizationDetails'),
      run: (input: GetAccountAuthorizationDetailsCommandInput) => {
        const wanted = (type: EntityType) => !input.Filter?.length || input.Filter.includes(type);
        const all: Detail[] = [
          ...(wanted('User') ? userDetails(directory) : []),
          ...(wanted('Group') ? groupDetails(directory) : []),
          ...(wanted('Role') ? roleDetails(directory) : []),
          ...(wanted('LocalManagedPolicy') ? policyDetails(directory, values(directory.policies)) : []),
          ...(wanted('AWSManagedPolicy') ? policyDetails(directory, usedManaged(directory)) : []),
        ];
        const { items, ...rest } = page(all, ({ detail }) => detail.Arn!, input);
        const of = <Kind extends Detail['kind']>(kind: Kind) =>
          items.flatMap((item) =>
            item.kind === kind ? [item.detail as Extract<Detail, { kind: Kind }>['detail']] : [],
          );
        return {
          UserDetailList: of('user'),
          GroupDetailList: of('group'),
          RoleDetailList: of('role'),
          Policies: of('policy'),
          ...rest,
        };
      },
    },
    GetAccountSummary: {
      access: anywhere('GetAccountSummary'),
      run: () => {
        const users = values(directory.users);
        return {
          SummaryMap: {
            AccessKeysPerUserQuota: 2,
            AccountAccessKeysPresent: 1,
            AccountMFAEnabled: 0,
            AccountPasswordPresent: 0,
            AccountSigningCertificatesPresent: 0,
            AssumeRolePolicySizeQuota: 2_048,
            AttachedPoliciesPerGroupQuota: 10,
            AttachedPoliciesPerRoleQuota: 10,
            AttachedPoliciesPerUserQuota: 10,
            GlobalEndpointTokenVersion: 1,
            GroupPolicySizeQuota: 5_120,
            Groups: values(directory.groups).length,
            GroupsPerUserQuota: 10,
            GroupsQuota: 300,
            InstanceProfiles: values(directory.instanceProfiles).length,
            InstanceProfilesQuota: 1_000,
            MFADevices: 0,
            MFADevicesInUse: 0,
            Policies: values(directory.policies).length,
            PoliciesQuota: 1_500,
            PolicySizeQuota: 6_144,
            PolicyVersionsInUse: values(directory.policies).flatMap(({ versions }) => versions).length,
            PolicyVersionsInUseQuota: 10_000,
            Providers: values(directory.oidcProviders).length,
            RolePolicySizeQuota: 10_240,
            Roles: values(directory.roles).length,
            RolesQuota: 1_000,
            ServerCertificates: 0,
            ServerCertificatesQuota: 20,
            SigningCertificatesPerUserQuota: 2,
            UserPolicySizeQuota: 2_048,
            Users: users.length,
            UsersQuota: 5_000,
            VersionsPerPolicyQuota: 5,
          },
        };
      },
    },
    CreateAccountAlias: {
      access: anywhere('CreateAccountAlias'),
      run: ({ AccountAlias: alias = '' }: ByAlias) => {
        if (!/^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$/.test(alias)) {
          throw invalid(
            `1 validation error detected: Value '${alias}' at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`,
          );
        }
        if (settings.get(ALIAS) === alias) throw alreadyExists(`The account alias ${alias}`);
        settings.put(ALIAS, alias);
        return {};
      },
    },
    DeleteAccountAlias: {
      access: anywhere('DeleteAccountAlias'),
      run: ({ AccountAlias: alias }: ByAlias) => {
        if (settings.get(ALIAS) !== alias) throw noSuchEntity(`The account alias ${alias}`);
        settings.delete(ALIAS);
        return {};
      },
    },
    ListAccountAliases: {
      access: anywhere('ListAccountAliases'),
      run: (input: PageInput) => {
        const { items, ...rest } = page([settings.get(ALIAS) ?? []].flat(), (alias) => alias, input);
        return { AccountAliases: items, ...rest };
      },
    },
  };
}

type Detail =
  | { kind: 'user'; detail: UserDetail }
  | { kind: 'group'; detail: GroupDetail }
  | { kind: 'role'; detail: RoleDetail }
  | { kind: 'policy'; detail: ManagedPolicyDetail };

function values<T>(collection: Collection<T>): T[] {
  return collection.list().map(({ value }) => value);
}

function userDetails({ users }: Directory): Detail[] {
  return values(users).map((user) => ({
    kind: 'user',
    detail: {
      ...userShape(user),
      UserPolicyList: inlineList(user),
      GroupList: user.groups ?? [],
      AttachedManagedPolicies: attachedPolicies(user.attached),
      Tags: toTags(user.tags),
    },
  }));
}

function groupDetails({ groups }: Directory): Detail[] {
  return values(groups).map((group) => ({
    kind: 'group',
    detail: {
      Path: group.path,
      GroupName: group.name,
      GroupId: group.id,
      Arn: group.arn,
      CreateDate: new Date(group.createdAt),
      GroupPolicyList: inlineList(group),
      AttachedManagedPolicies: attachedPolicies(group.attached),
    },
  }));
}

function roleDetails({ roles, instanceProfiles }: Directory): Detail[] {
  return values(roles).map((role) => ({
    kind: 'role',
    detail: {
      ...roleShape(role),
      InstanceProfileList: values(instanceProfiles)
        .filter((profile) => profile.role === role.name)
        .map((profile) => ({
          Path: profile.path,
          InstanceProfileName: profile.name,
          InstanceProfileId: profile.id,
          Arn: profile.arn,
          CreateDate: new Date(profile.createdAt),
          Roles: [roleShape(role)],
        })),
      RolePolicyList: inlineList(role),
      AttachedManagedPolicies: attachedPolicies(role.attached),
      Tags: toTags(role.tags),
    },
  }));
}

const inlineList = (holder: PolicyHolder) =>
  Object.entries(holder.inline).map(([PolicyName, document]) => ({
    PolicyName,
    PolicyDocument: encodeDocument(document),
  }));

// Of AWS's own policies, AWS lists those that the account uses.
const usedManaged = (directory: Directory): ManagedPolicy[] =>
  allManaged().filter(({ arn }) => attachments(directory, arn) + boundaries(directory, arn) > 0);

const policyDetails = (directory: Directory, policies: readonly ManagedPolicy[]): Detail[] =>
  policies.map((policy) => ({
    kind: 'policy',
    detail: {
      PolicyName: policy.name,
      PolicyId: policy.id,
      Arn: policy.arn,
      Path: policy.path,
      DefaultVersionId: policy.defaultVersion,
      AttachmentCount: attachments(directory, policy.arn),
      PermissionsBoundaryUsageCount: boundaries(directory, policy.arn),
      IsAttachable: true,
      Description: policy.description,
      CreateDate: new Date(policy.createdAt),
      UpdateDate: new Date(policy.updatedAt),
      PolicyVersionList: policy.versions.map((version) => ({
        Document: encodeDocument(version.document),
        VersionId: version.id,
        IsDefaultVersion: version.id === policy.defaultVersion,
        CreateDate: new Date(version.createdAt),
      })),
    },
  }));

const attachments = ({ users, groups, roles }: Directory, arn: string): number =>
  [...users.list(), ...groups.list(), ...roles.list()].filter(({ value }) => value.attached.includes(arn)).length;

const boundaries = ({ users, roles }: Directory, arn: string): number =>
  [...users.list(), ...roles.list()].filter(({ value }) => value.boundary === arn).length;
