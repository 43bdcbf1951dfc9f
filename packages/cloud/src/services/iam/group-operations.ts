// IAM groups and who is in them. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html
import type {
  CreateGroupCommandInput,
  Group as GroupShape,
  ListGroupsCommandInput,
  UpdateGroupCommandInput,
} from '@aws-sdk/client-iam';

import type { Directory, Group, User } from '../../kernel/identity/directory.ts';
import { iamId } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity } from './errors.ts';
import { heldPolicies, type Holders } from './held-policies.ts';
import { page, requireName, requirePath, tagFacts, type PageInput } from './shapes.ts';
import { userShape } from './user-operations.ts';

/** Groups that a user may be in. */
const GROUPS_LIMIT = 10;

type ByName = { GroupName?: string | undefined };
type Membership = ByName & { UserName?: string | undefined };

export function groupOperations(directory: Directory, account: string) {
  const arnOf = (name: string | undefined, path = '/') => `arn:aws:iam::${account}:group${path}${name}`;
  const require = (name: string | undefined): Group => {
    const group = directory.groups.get(name ?? '');
    if (!group) throw noSuchEntity(`The group with name ${name}`);
    return group;
  };
  const requireUser = (name: string | undefined): User => {
    const user = directory.users.get(name ?? '');
    if (!user) throw noSuchEntity(`The user with name ${name}`);
    return user;
  };
  const save = (group: Group) => directory.groups.put(group.name, group);
  const access: Holders<'Group'>['access'] = (action, name, context) => [
    { action: `iam:${action}`, resource: directory.groups.get(name ?? '')?.arn ?? arnOf(name), context },
  ];
  const on =
    (action: string) =>
    (input: ByName): Access[] =>
      access(action, input.GroupName);
  const members = (name: string) =>
    directory.users.list().flatMap(({ value }) => (value.groups?.includes(name) ? [value] : []));
  const moveMembers = (from: string, to: string) => {
    for (const user of members(from)) {
      const groups = user.groups!.map((name) => (name === from ? to : name));
      directory.users.put(user.name, { ...user, groups });
    }
  };
  const policies = heldPolicies({ kind: 'Group', directory, require, requireOwn: require, save, access });

  return {
    CreateGroup: {
      access: (input: CreateGroupCommandInput): Access[] => [
        { action: 'iam:CreateGroup', resource: arnOf(input.GroupName, input.Path) },
      ],
      run: (input: CreateGroupCommandInput, call: Call) => {
        const name = requireName('groupName', input.GroupName, 128);
        if (directory.groups.get(name)) throw alreadyExists(`Group with name ${name}`);
        const path = requirePath(input.Path);
        const group: Group = {
          arn: arnOf(name, path),
          id: iamId('AGPA'),
          name,
          path,
          createdAt: call.now,
          inline: {},
          attached: [],
        };
        save(group);
        return { Group: groupShape(group) };
      },
    },
    GetGroup: {
      access: on('GetGroup'),
      run: (input: ByName & PageInput) => {
        const group = require(input.GroupName);
        const { items, ...rest } = page(members(group.name), (user) => user.name, input);
        return { Group: groupShape(group), Users: items.map(userShape), ...rest };
      },
    },
    ListGroups: {
      access: ({ PathPrefix }: ListGroupsCommandInput): Access[] => [
        { action: 'iam:ListGroups', resource: arnOf('', PathPrefix) },
      ],
      run: (input: ListGroupsCommandInput) => {
        const groups = directory.groups.list().map(({ value }) => value);
        const wanted = groups.filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
        const { items, ...rest } = page(wanted, (group) => group.name, input);
        return { Groups: items.map(groupShape), ...rest };
      },
    },
    UpdateGroup: {
      access: on('UpdateGroup'),
      run: (input: UpdateGroupCommandInput) => {
        const { name: before, ...group } = require(input.GroupName);
        const name = requireName('groupName', input.NewGroupName ?? before, 128);
        if (name !== before && directory.groups.get(name)) throw alreadyExists(`Group with name ${name}`);
        const path = input.NewPath === undefined ? group.path : requirePath(input.NewPath);
        directory.groups.delete(before);
        save({ ...group, name, path, arn: arnOf(name, path) });
        moveMembers(before, name);
        return {};
      },
    },
    DeleteGroup: {
      access: on('DeleteGroup'),
      run: (input: ByName) => {
        const group = require(input.GroupName);
        if (members(group.name).length > 0) throw deleteConflict('must remove users from group first');
        if (Object.keys(group.inline).length > 0) throw deleteConflict('must delete policies first');
        if (group.attached.length > 0) throw deleteConflict('must detach all policies first');
        directory.groups.delete(group.name);
        return {};
      },
    },
    AddUserToGroup: {
      access: on('AddUserToGroup'),
      run: (input: Membership) => {
        const group = require(input.GroupName);
        const user = requireUser(input.UserName);
        const groups = user.groups ?? [];
        if (groups.includes(group.name)) return {};
        if (groups.length >= GROUPS_LIMIT) throw limitExceeded(`GroupsPerUser: ${GROUPS_LIMIT}`);
        directory.users.put(user.name, { ...user, groups: [...groups, group.name] });
        return {};
      },
    },
    RemoveUserFromGroup: {
      access: on('RemoveUserFromGroup'),
      run: (input: Membership) => {
        const group = require(input.GroupName);
        const user = requireUser(input.UserName);
        if (!user.groups?.includes(group.name)) throw noSuchEntity(`User ${user.name} in group ${group.name}`);
        directory.users.put(user.name, { ...user, groups: user.groups.filter((name) => name !== group.name) });
        return {};
      },
    },
    ListGroupsForUser: {
      access: (input: Membership): Access[] => {
        const user = directory.users.get(input.UserName ?? '');
        const resource = user?.arn ?? `arn:aws:iam::${account}:user/${input.UserName}`;
        return [{ action: 'iam:ListGroupsForUser', resource, context: tagFacts(user?.tags ?? {}) }];
      },
      run: (input: Membership & PageInput) => {
        const groups = (requireUser(input.UserName).groups ?? []).map(require);
        const { items, ...rest } = page(groups, (group) => group.name, input);
        return { Groups: items.map(groupShape), ...rest };
      },
    },
    PutGroupPolicy: policies.put,
    GetGroupPolicy: policies.get,
    DeleteGroupPolicy: policies.delete,
    ListGroupPolicies: policies.list,
    AttachGroupPolicy: policies.attach,
    DetachGroupPolicy: policies.detach,
    ListAttachedGroupPolicies: policies.listAttached,
  };
}

const groupShape = (group: Group): GroupShape => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: group.arn,
  CreateDate: new Date(group.createdAt),
});
