// aws_iam_group, aws_iam_group_membership and aws_iam_user_group_membership: groups, and who is in which.
import type { Attributes, Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { allPages, orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { importParts, nameProblems } from './validation.ts';

type Iam = Client<IamOperations>;

export const group: ResourceType = {
  type: 'aws_iam_group',
  replace: [],
  defaults: { path: '/' },
  validate: (config) => nameProblems(config, 128),
  recomputes: (prior, planned) => renamed(prior, planned),
  async create({ name, path }, context) {
    await clientOf(context)('CreateGroup', { GroupName: name, Path: path });
    return { id: name };
  },
  async read(state, context) {
    const found = (await orNull(clientOf(context)('GetGroup', { GroupName: state['name'] ?? state['id'] })))?.Group;
    if (!found) return null;
    return {
      id: found.GroupName,
      arn: found.Arn,
      name: found.GroupName,
      path: found.Path,
      unique_id: found.GroupId,
    };
  },
  async update(prior, planned, context) {
    await clientOf(context)('UpdateGroup', {
      GroupName: prior['name'],
      NewGroupName: planned['name'],
      NewPath: planned['path'],
    });
  },
  async delete({ name }, context) {
    await orNull(clientOf(context)('DeleteGroup', { GroupName: name }));
  },
};

/** All of a group's members. The real provider cannot import it; here `<name>/<group>` does. */
export const groupMembership: ResourceType = {
  type: 'aws_iam_group_membership',
  replace: ['name', 'group'],
  async create({ name, group: GroupName, users }, context) {
    await addUsers(clientOf(context), GroupName, users);
    return { id: name };
  },
  async read({ name, group: GroupName }, context) {
    const users = await orNull(membersOf(clientOf(context), GroupName));
    return users && { id: name, name, group: GroupName, users };
  },
  async update(prior, planned, context) {
    const iam = clientOf(context);
    const { removed, added } = difference(prior['users'], planned['users']);
    await removeUsers(iam, prior['group'], removed);
    await addUsers(iam, prior['group'], added);
  },
  async delete(state, context) {
    await removeUsers(clientOf(context), state['group'], state['users']);
  },
  importState(id) {
    const [name, groupName] = importParts(id, '/', '<name>/<group>');
    return { id: name, name, group: groupName };
  },
};

/** Some of a user's groups; it leaves those alone that it does not name. */
export const userGroupMembership: ResourceType = {
  type: 'aws_iam_user_group_membership',
  replace: ['user'],
  async create({ user, groups }, context) {
    for (const name of groups as string[]) await addUsers(clientOf(context), name, [user]);
    return { id: user };
  },
  async read({ id, user, groups }, context) {
    const actual = await orNull(groupsOf(clientOf(context), user));
    return actual && { id, user, groups: (groups as string[]).filter((name) => actual.includes(name)) };
  },
  async update(prior, planned, context) {
    const iam = clientOf(context);
    const { removed, added } = difference(prior['groups'], planned['groups']);
    for (const name of removed) await removeUsers(iam, name, [prior['user']]);
    for (const name of added) await addUsers(iam, name, [prior['user']]);
  },
  async delete({ user, groups }, context) {
    for (const name of groups as string[]) await removeUsers(clientOf(context), name, [user]);
  },
  importState(id) {
    const [user, groups] = importParts(id, '/', '<user-name>/<group-name1>/...');
    return { id: user, user, groups: groups.split('/') };
  },
};

const renamed = (prior: Attributes, planned: Attributes): string[] =>
  prior['name'] !== planned['name'] ? ['id', 'arn'] : prior['path'] !== planned['path'] ? ['arn'] : [];

function difference(before: readonly string[], after: readonly string[]) {
  return {
    removed: before.filter((each) => !after.includes(each)),
    added: after.filter((each) => !before.includes(each)),
  };
}

async function addUsers(iam: Iam, GroupName: string, users: readonly string[]): Promise<void> {
  for (const UserName of users) await iam('AddUserToGroup', { GroupName, UserName });
}

// Whoever is gone, or in no such group, is out of it.
async function removeUsers(iam: Iam, GroupName: string, users: readonly string[]): Promise<void> {
  for (const UserName of users) await orNull(iam('RemoveUserFromGroup', { GroupName, UserName }));
}

const membersOf = (iam: Iam, GroupName: string): Promise<string[]> =>
  allPages(async (page) => {
    const { Users, Marker } = await iam('GetGroup', { GroupName, ...page });
    return { items: Users.map(({ UserName }) => UserName ?? ''), Marker };
  });

const groupsOf = (iam: Iam, UserName: string): Promise<string[]> =>
  allPages(async (page) => {
    const { Groups, Marker } = await iam('ListGroupsForUser', { UserName, ...page });
    return { items: Groups.map(({ GroupName }) => GroupName ?? ''), Marker };
  });

const clientOf = (context: ResourceContext): Iam => context.client<IamOperations>('iam');
