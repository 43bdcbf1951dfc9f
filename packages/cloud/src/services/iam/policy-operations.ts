// Customer-managed policies and their versions.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
import type {
  CreatePolicyCommandInput,
  CreatePolicyVersionCommandInput,
  ListEntitiesForPolicyCommandInput,
  ListPoliciesCommandInput,
  ListPolicyVersionsCommandInput,
  Policy,
  PolicyUsageType,
  TagPolicyCommandInput,
  UntagPolicyCommandInput,
} from '@aws-sdk/client-iam';

import { allManaged } from '../../kernel/identity/aws-managed.ts';
import type { Directory, ManagedPolicy, PolicyHolder, PolicyVersion } from '../../kernel/identity/directory.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import { iamId } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { alreadyExists, deleteConflict, invalid, limitExceeded, noSuchEntity } from './errors.ts';
import { tagContext, taggingToo } from './held-tags.ts';
import { encodeDocument, mergeTags, page, requireName, requirePath, tagFacts, toTags } from './shapes.ts';

/** Versions that a policy keeps. */
const VERSIONS_LIMIT = 5;

/** Characters of a managed policy, without white space. */
const SIZE_LIMIT = 6_144;

type ByArn = { PolicyArn: string | undefined };
type ByVersion = ByArn & { VersionId: string | undefined };

export function policyOperations(directory: Directory, account: string) {
  const arnOf = (path: string | undefined, name: string | undefined) =>
    `arn:aws:iam::${account}:policy${path ?? '/'}${name}`;
  const find = (arn: string | undefined): ManagedPolicy => {
    const policy = directory.findPolicy(arn ?? '');
    if (!policy) throw noSuchEntity(`Policy ${arn}`);
    return policy;
  };
  const requireOwn = (arn: string | undefined): ManagedPolicy => {
    const policy = find(arn);
    if (policy.arn.startsWith('arn:aws:iam::aws:'))
      throw invalid(`Policy ${arn} is managed by AWS and cannot be changed.`);
    return policy;
  };
  const requireVersion = (policy: ManagedPolicy, id: string | undefined): PolicyVersion => {
    const version = policy.versions.find((candidate) => candidate.id === id);
    if (!version) throw noSuchEntity(`Policy ${policy.arn} version ${id}`);
    return version;
  };
  const save = (policy: ManagedPolicy) => directory.policies.put(policy.arn, policy);
  const on =
    (action: string) =>
    (input: ByArn): Access[] => [
      {
        action: `iam:${action}`,
        resource: input.PolicyArn ?? '*',
        context: tagFacts(directory.policies.get(input.PolicyArn ?? '')?.tags ?? {}),
      },
    ];
  const holders = (arn: string) => ({
    groups: directory.groups.list().flatMap(({ value }) => (value.attached.includes(arn) ? [value] : [])),
    roles: directory.roles.list().flatMap(({ value }) => (value.attached.includes(arn) ? [value] : [])),
    users: directory.users.list().flatMap(({ value }) => (value.attached.includes(arn) ? [value] : [])),
  });
  const bounded = (arn: string) =>
    [...directory.roles.list(), ...directory.users.list()].filter(({ value }) => value.boundary === arn).length;
  const isUsed = ({ arn }: ManagedPolicy, usage: PolicyUsageType): boolean =>
    [...directory.groups.list(), ...directory.roles.list(), ...directory.users.list()].some(({ value }) =>
      holds(value, arn, usage),
    );
  const shape = (policy: ManagedPolicy): Policy => {
    const { groups, roles, users } = holders(policy.arn);
    return {
      PolicyName: policy.name,
      PolicyId: policy.id,
      Arn: policy.arn,
      Path: policy.path,
      DefaultVersionId: policy.defaultVersion,
      AttachmentCount: groups.length + roles.length + users.length,
      PermissionsBoundaryUsageCount: bounded(policy.arn),
      IsAttachable: true,
      Description: policy.description,
      CreateDate: new Date(policy.createdAt),
      UpdateDate: new Date(policy.updatedAt),
      Tags: toTags(policy.tags),
    };
  };

  return {
    CreatePolicy: {
      access: (input: CreatePolicyCommandInput): Access[] => [
        { action: 'iam:CreatePolicy', resource: arnOf(input.Path, input.PolicyName), context: tagContext(input.Tags) },
        ...taggingToo('iam:TagPolicy', arnOf(input.Path, input.PolicyName), input.Tags),
      ],
      run: (input: CreatePolicyCommandInput, call: Call) => {
        const name = requireName('policyName', input.PolicyName, 128);
        const path = requirePath(input.Path);
        const arn = arnOf(path, name);
        if (directory.policies.get(arn))
          throw alreadyExists(`A policy called ${name}. Duplicate names are not allowed; it`);
        requireDocument(input.PolicyDocument);
        const policy: ManagedPolicy = {
          arn,
          id: iamId('ANPA'),
          name,
          path,
          createdAt: call.now,
          updatedAt: call.now,
          description: input.Description,
          versions: [{ id: 'v1', document: input.PolicyDocument!, createdAt: call.now }],
          nextVersion: 2,
          defaultVersion: 'v1',
          tags: mergeTags({}, input.Tags),
        };
        save(policy);
        return { Policy: shape(policy) };
      },
    },
    GetPolicy: { access: on('GetPolicy'), run: (input: ByArn) => ({ Policy: shape(find(input.PolicyArn)) }) },
    ListPolicies: {
      // What IAM calls it in its denial; policies can name no part of them.
      access: ({ PathPrefix = '/' }: ListPoliciesCommandInput): Access[] => [
        { action: 'iam:ListPolicies', resource: `policy path ${PathPrefix}` },
      ],
      run: (input: ListPoliciesCommandInput) => {
        const own = input.Scope === 'AWS' ? [] : directory.policies.list().map(({ value }) => value);
        const all = [...own, ...(input.Scope === 'Local' ? [] : allManaged())];
        const wanted = all
          .filter((policy) => policy.path.startsWith(input.PathPrefix ?? '/'))
          .filter((policy) => !input.OnlyAttached || shape(policy).AttachmentCount! > 0)
          .filter((policy) => input.PolicyUsageFilter === undefined || isUsed(policy, input.PolicyUsageFilter));
        const { items, ...rest } = page(wanted, (policy) => policy.arn, input);
        // A list leaves out descriptions and tags.
        const shown = items.map((policy): Policy => ({ ...shape(policy), Description: undefined, Tags: undefined }));
        return { Policies: shown, ...rest };
      },
    },
    DeletePolicy: {
      access: on('DeletePolicy'),
      run: (input: ByArn) => {
        const policy = requireOwn(input.PolicyArn);
        const { groups, roles, users } = holders(policy.arn);
        if (groups.length + roles.length + users.length + bounded(policy.arn) > 0)
          throw deleteConflict('policy is attached to entities');
        if (policy.versions.length > 1) throw deleteConflict('must delete all other policy versions first');
        directory.policies.delete(policy.arn);
        return {};
      },
    },
    CreatePolicyVersion: {
      access: on('CreatePolicyVersion'),
      run: (input: CreatePolicyVersionCommandInput, call: Call) => {
        const policy = requireOwn(input.PolicyArn);
        requireDocument(input.PolicyDocument);
        if (policy.versions.length >= VERSIONS_LIMIT) {
          throw limitExceeded(`versions of a policy: ${VERSIONS_LIMIT}. Delete a version first`);
        }
        const version = { id: `v${policy.nextVersion}`, document: input.PolicyDocument!, createdAt: call.now };
        save({
          ...policy,
          versions: [...policy.versions, version],
          nextVersion: policy.nextVersion + 1,
          updatedAt: call.now,
          defaultVersion: input.SetAsDefault ? version.id : policy.defaultVersion,
        });
        return { PolicyVersion: versionShape(find(policy.arn), version, false) };
      },
    },
    GetPolicyVersion: {
      access: on('GetPolicyVersion'),
      run: (input: ByVersion) => {
        const policy = find(input.PolicyArn);
        return { PolicyVersion: versionShape(policy, requireVersion(policy, input.VersionId), true) };
      },
    },
    ListPolicyVersions: {
      access: on('ListPolicyVersions'),
      run: (input: ListPolicyVersionsCommandInput) => {
        const policy = find(input.PolicyArn);
        const { items, ...rest } = page(policy.versions.toReversed(), (version) => version.id, input);
        return { Versions: items.map((version) => versionShape(policy, version, false)), ...rest };
      },
    },
    SetDefaultPolicyVersion: {
      access: on('SetDefaultPolicyVersion'),
      run: (input: ByVersion, call: Call) => {
        const policy = requireOwn(input.PolicyArn);
        save({ ...policy, defaultVersion: requireVersion(policy, input.VersionId).id, updatedAt: call.now });
        return {};
      },
    },
    DeletePolicyVersion: {
      access: on('DeletePolicyVersion'),
      run: (input: ByVersion) => {
        const policy = requireOwn(input.PolicyArn);
        const version = requireVersion(policy, input.VersionId);
        if (version.id === policy.defaultVersion) throw deleteConflict('cannot delete the default version of a policy');
        save({ ...policy, versions: policy.versions.filter(({ id }) => id !== version.id) });
        return {};
      },
    },
    ListEntitiesForPolicy: {
      access: on('ListEntitiesForPolicy'),
      run: (input: ListEntitiesForPolicyCommandInput) => {
        const { arn } = find(input.PolicyArn);
        const usages = input.PolicyUsageFilter ? [input.PolicyUsageFilter] : POLICY_USAGES;
        const all = [
          ...directory.groups.list().map(({ value }): Found => ({ kind: 'Group', holder: value })),
          ...directory.users.list().map(({ value }): Found => ({ kind: 'User', holder: value })),
          ...directory.roles.list().map(({ value }): Found => ({ kind: 'Role', holder: value })),
        ]
          .filter(({ kind }) => !input.EntityFilter || input.EntityFilter === kind)
          .filter(({ holder }) => holder.path.startsWith(input.PathPrefix ?? '/'))
          .filter(({ holder }) => usages.some((usage) => holds(holder, arn, usage)));
        const { items, ...rest } = page(all, ({ holder }) => holder.arn, input);
        const of = (wanted: Found['kind']) => items.flatMap(({ kind, holder }) => (kind === wanted ? [holder] : []));
        return {
          PolicyGroups: of('Group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
          PolicyUsers: of('User').map(({ name, id }) => ({ UserName: name, UserId: id })),
          PolicyRoles: of('Role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
          ...rest,
        };
      },
    },
    TagPolicy: {
      access: (input: TagPolicyCommandInput): Access[] =>
        on('TagPolicy')(input).map((one) => ({ ...one, context: { ...one.context, ...tagContext(input.Tags) } })),
      run: (input: TagPolicyCommandInput) => {
        const policy = requireOwn(input.PolicyArn);
        save({ ...policy, tags: mergeTags(policy.tags, input.Tags) });
        return {};
      },
    },
    UntagPolicy: {
      access: (input: UntagPolicyCommandInput): Access[] =>
        on('UntagPolicy')(input).map((one) => ({ ...one, context: { ...one.context, 'aws:TagKeys': input.TagKeys } })),
      run: (input: UntagPolicyCommandInput) => {
        const policy = requireOwn(input.PolicyArn);
        save({ ...policy, tags: mergeTags(policy.tags, [], input.TagKeys) });
        return {};
      },
    },
    ListPolicyTags: {
      access: on('ListPolicyTags'),
      run: (input: ByArn & { Marker?: string; MaxItems?: number }) => {
        const { items, ...rest } = page(toTags(find(input.PolicyArn).tags), (tag) => tag.Key!, input);
        return { Tags: items, ...rest };
      },
    },
  };
}

const POLICY_USAGES: readonly PolicyUsageType[] = ['PermissionsPolicy', 'PermissionsBoundary'];

type Held = PolicyHolder & { readonly boundary?: string | undefined };

interface Found {
  readonly kind: 'Group' | 'User' | 'Role';
  readonly holder: Held;
}

const holds = ({ attached, boundary }: Held, arn: string, usage: PolicyUsageType): boolean =>
  usage === 'PermissionsBoundary' ? boundary === arn : attached.includes(arn);

function requireDocument(document: string | undefined): void {
  parsePolicy(document ?? '', 'identity');
  if (document!.replace(/\s/g, '').length > SIZE_LIMIT) throw limitExceeded(`PolicySize: ${SIZE_LIMIT}`);
}

const versionShape = (policy: ManagedPolicy, version: PolicyVersion, withDocument: boolean) => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersion,
  CreateDate: new Date(version.createdAt),
  ...(withDocument && { Document: encodeDocument(version.document) }),
});
