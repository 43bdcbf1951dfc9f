// Instance profiles: roles in the form in which EC2 takes them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
import type {
  CreateInstanceProfileCommandInput,
  InstanceProfile as ProfileShape,
  ListInstanceProfilesCommandInput,
  ListInstanceProfilesForRoleCommandInput,
  TagInstanceProfileCommandInput,
  UntagInstanceProfileCommandInput,
} from '@aws-sdk/client-iam';

import type { Directory, InstanceProfile } from '../../kernel/identity/directory.ts';
import { iamId } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity, unmodifiable } from './errors.ts';
import { tagContext, taggingToo } from './held-tags.ts';
import { roleShape } from './role-operations.ts';
import { mergeTags, page, requireName, requirePath, tagFacts, toTags, type PageInput } from './shapes.ts';

type ByName = { InstanceProfileName: string | undefined };
type WithRole = ByName & { RoleName: string | undefined };

export function instanceProfileOperations(directory: Directory, account: string) {
  const profiles = directory.instanceProfiles;
  const arnOf = (name: string | undefined, path = '/') => `arn:aws:iam::${account}:instance-profile${path}${name}`;
  const require = (name: string | undefined): InstanceProfile => {
    const profile = profiles.get(name ?? '');
    if (!profile) throw noSuchEntity(`Instance Profile ${name}`);
    return profile;
  };
  const requireRole = (name: string | undefined) => {
    const role = directory.roles.get(name ?? '');
    if (!role) throw noSuchEntity(`The role with name ${name}`);
    return role;
  };
  const save = (profile: InstanceProfile) => profiles.put(profile.name, profile);
  const on =
    (action: string) =>
    (input: ByName): Access[] => {
      const profile = profiles.get(input.InstanceProfileName ?? '');
      const resource = profile?.arn ?? arnOf(input.InstanceProfileName);
      return [{ action: `iam:${action}`, resource, context: tagFacts(profile?.tags ?? {}) }];
    };
  const shape = (profile: InstanceProfile): ProfileShape => {
    const role = profile.role === undefined ? undefined : directory.roles.get(profile.role);
    return {
      Path: profile.path,
      InstanceProfileName: profile.name,
      InstanceProfileId: profile.id,
      Arn: profile.arn,
      CreateDate: new Date(profile.createdAt),
      Roles: role ? [roleShape(role)] : [],
      ...(Object.keys(profile.tags).length > 0 && { Tags: toTags(profile.tags) }),
    };
  };
  const list = (wanted: (profile: InstanceProfile) => boolean, input: PageInput) => {
    const found = profiles.list().flatMap(({ value }) => (wanted(value) ? [value] : []));
    const { items, ...rest } = page(found, ({ name }) => name, input);
    return { InstanceProfiles: items.map(shape), ...rest };
  };

  return {
    CreateInstanceProfile: {
      access: (input: CreateInstanceProfileCommandInput): Access[] => [
        {
          action: 'iam:CreateInstanceProfile',
          resource: arnOf(input.InstanceProfileName, input.Path),
          context: tagContext(input.Tags),
        },
        ...taggingToo('iam:TagInstanceProfile', arnOf(input.InstanceProfileName, input.Path), input.Tags),
      ],
      run: (input: CreateInstanceProfileCommandInput, call: Call) => {
        const name = requireName('instanceProfileName', input.InstanceProfileName, 128);
        if (profiles.get(name)) throw alreadyExists(`Instance Profile ${name}`);
        const path = requirePath(input.Path);
        const profile: InstanceProfile = {
          arn: arnOf(name, path),
          id: iamId('AIPA'),
          name,
          path,
          createdAt: call.now,
          tags: mergeTags({}, input.Tags),
        };
        save(profile);
        return { InstanceProfile: shape(profile) };
      },
    },
    GetInstanceProfile: {
      access: on('GetInstanceProfile'),
      run: (input: ByName) => ({ InstanceProfile: shape(require(input.InstanceProfileName)) }),
    },
    ListInstanceProfiles: {
      access: ({ PathPrefix }: ListInstanceProfilesCommandInput): Access[] => [
        { action: 'iam:ListInstanceProfiles', resource: arnOf('', PathPrefix) },
      ],
      run: (input: ListInstanceProfilesCommandInput) =>
        list(({ path }) => path.startsWith(input.PathPrefix ?? '/'), input),
    },
    ListInstanceProfilesForRole: {
      access: (input: ListInstanceProfilesForRoleCommandInput): Access[] => {
        const role = directory.roles.get(input.RoleName ?? '');
        const resource = role?.arn ?? `arn:aws:iam::${account}:role/${input.RoleName}`;
        return [{ action: 'iam:ListInstanceProfilesForRole', resource, context: tagFacts(role?.tags ?? {}) }];
      },
      run: (input: ListInstanceProfilesForRoleCommandInput) => {
        const { name } = requireRole(input.RoleName);
        return list(({ role }) => role === name, input);
      },
    },
    DeleteInstanceProfile: {
      access: on('DeleteInstanceProfile'),
      run: (input: ByName) => {
        const profile = require(input.InstanceProfileName);
        if (profile.role !== undefined) throw deleteConflict('must remove roles from instance profile first');
        profiles.delete(profile.name);
        return {};
      },
    },
    AddRoleToInstanceProfile: {
      access: (input: WithRole): Access[] => [
        ...on('AddRoleToInstanceProfile')(input),
        {
          action: 'iam:PassRole',
          resource: directory.roles.get(input.RoleName ?? '')?.arn ?? `arn:aws:iam::${account}:role/${input.RoleName}`,
          context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
        },
      ],
      run: (input: WithRole) => {
        const profile = require(input.InstanceProfileName);
        const role = requireRole(input.RoleName);
        if (role.linkedTo !== undefined) throw unmodifiable(role.name);
        if (profile.role !== undefined) throw limitExceeded('InstanceSessionsPerInstanceProfile: 1');
        save({ ...profile, role: role.name });
        return {};
      },
    },
    RemoveRoleFromInstanceProfile: {
      access: on('RemoveRoleFromInstanceProfile'),
      run: (input: WithRole) => {
        const { role, ...profile } = require(input.InstanceProfileName);
        if (role !== input.RoleName) throw noSuchEntity(`Role ${input.RoleName} in Instance Profile ${profile.name}`);
        save(profile);
        return {};
      },
    },
    TagInstanceProfile: {
      access: (input: TagInstanceProfileCommandInput): Access[] =>
        on('TagInstanceProfile')(input).map((one) => ({
          ...one,
          context: { ...one.context, ...tagContext(input.Tags) },
        })),
      run: (input: TagInstanceProfileCommandInput) => {
        const profile = require(input.InstanceProfileName);
        save({ ...profile, tags: mergeTags(profile.tags, input.Tags) });
        return {};
      },
    },
    UntagInstanceProfile: {
      access: (input: UntagInstanceProfileCommandInput): Access[] =>
        on('UntagInstanceProfile')(input).map((one) => ({
          ...one,
          context: { ...one.context, 'aws:TagKeys': input.TagKeys },
        })),
      run: (input: UntagInstanceProfileCommandInput) => {
        const profile = require(input.InstanceProfileName);
        save({ ...profile, tags: mergeTags(profile.tags, [], input.TagKeys) });
        return {};
      },
    },
    ListInstanceProfileTags: {
      access: on('ListInstanceProfileTags'),
      run: (input: ByName & PageInput) => {
        const tags = toTags(require(input.InstanceProfileName).tags);
        const { items, ...rest } = page(tags, (tag) => tag.Key!, input);
        return { Tags: items, ...rest };
      },
    },
  };
}
