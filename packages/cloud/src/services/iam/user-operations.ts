// IAM users. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
import type {
  CreateUserCommandInput,
  ListUsersCommandInput,
  UpdateUserCommandInput,
  User as UserShape,
} from '@aws-sdk/client-iam';

import type { Directory, User } from '../../kernel/identity/directory.ts';
import type { Keys } from '../../kernel/identity/keys.ts';
import { iamId } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { alreadyExists, deleteConflict, invalid, noSuchEntity } from './errors.ts';
import { heldPolicies, requireManaged, type Holders } from './held-policies.ts';
import { heldTags, tagContext, taggingToo } from './held-tags.ts';
import { mergeTags, page, requireName, requirePath, tagFacts, toTags } from './shapes.ts';

type ByName = { UserName?: string | undefined };

export function userOperations(directory: Directory, keys: Keys, account: string) {
  const arnOf = (name: string | undefined, path = '/') => `arn:aws:iam::${account}:user${path}${name}`;
  const require = (name: string | undefined): User => {
    const user = directory.users.get(name ?? '');
    if (!user) throw noSuchEntity(`The user with name ${name}`);
    return user;
  };
  const save = (user: User) => directory.users.put(user.name, user);
  const access: Holders<'User'>['access'] = (action, name, context) => {
    const user = directory.users.get(name ?? '');
    return [
      {
        action: `iam:${action}`,
        resource: user?.arn ?? arnOf(name),
        context: { 'iam:PermissionsBoundary': user?.boundary, ...tagFacts(user?.tags ?? {}), ...context },
      },
    ];
  };
  // Without a name, these operations are about the caller.
  const nameOf = (input: ByName, call: Call) => {
    const name = input.UserName ?? (call.principal.kind === 'user' ? call.principal.name : undefined);
    if (name === undefined) throw invalid('Must specify userName when calling with non-User credentials');
    return name;
  };
  const on =
    (action: string) =>
    (input: ByName, call: Call): Access[] =>
      access(action, nameOf(input, call));
  const holders: Holders<'User'> = { kind: 'User', directory, require, requireOwn: require, save, access };
  const policies = heldPolicies(holders);
  const tags = heldTags(holders);

  return {
    CreateUser: {
      access: (input: CreateUserCommandInput): Access[] => [
        {
          action: 'iam:CreateUser',
          resource: arnOf(input.UserName, input.Path),
          context: { 'iam:PermissionsBoundary': input.PermissionsBoundary, ...tagContext(input.Tags) },
        },
        ...taggingToo('iam:TagUser', arnOf(input.UserName, input.Path), input.Tags),
      ],
      run: (input: CreateUserCommandInput, call: Call) => {
        const name = requireName('userName', input.UserName, 64);
        if (directory.users.get(name)) throw alreadyExists(`User with name ${name}`);
        if (input.PermissionsBoundary) requireManaged(directory, input.PermissionsBoundary);
        const path = requirePath(input.Path);
        const user: User = {
          arn: arnOf(name, path),
          id: iamId('AIDA'),
          name,
          path,
          createdAt: call.now,
          inline: {},
          attached: [],
          boundary: input.PermissionsBoundary,
          tags: mergeTags({}, input.Tags),
        };
        save(user);
        return { User: userShape(user) };
      },
    },
    GetUser: {
      access: (input: ByName, call: Call): Access[] =>
        call.principal.kind === 'root' && !input.UserName ? [] : on('GetUser')(input, call),
      run: (input: ByName, call: Call): { User: UserShape } => {
        if (call.principal.kind === 'root' && !input.UserName) {
          return {
            User: { Path: '/', UserName: 'root', UserId: account, Arn: call.principal.arn, CreateDate: new Date(0) },
          };
        }
        return { User: userShape(require(nameOf(input, call))) };
      },
    },
    ListUsers: {
      access: ({ PathPrefix }: ListUsersCommandInput): Access[] => [
        { action: 'iam:ListUsers', resource: arnOf('', PathPrefix) },
      ],
      run: (input: ListUsersCommandInput) => {
        const users = directory.users.list().map(({ value }) => value);
        const wanted = users.filter((user) => user.path.startsWith(input.PathPrefix ?? '/'));
        const { items, ...rest } = page(wanted, (user) => user.name, input);
        return { Users: items.map((user) => userShape({ ...user, tags: {}, boundary: undefined })), ...rest };
      },
    },
    UpdateUser: {
      access: on('UpdateUser'),
      run: (input: UpdateUserCommandInput) => {
        const { name: before, ...user } = require(input.UserName);
        const name = requireName('userName', input.NewUserName ?? before, 64);
        if (name !== before && directory.users.get(name)) throw alreadyExists(`User with name ${name}`);
        const path = input.NewPath === undefined ? user.path : requirePath(input.NewPath);
        const arn = arnOf(name, path);
        directory.users.delete(before);
        save({ ...user, name, path, arn });
        keys.rename(user.arn, { kind: 'user', account, arn, id: user.id, name });
        return {};
      },
    },
    DeleteUser: {
      access: on('DeleteUser'),
      run: (input: ByName) => {
        const user = require(input.UserName);
        if (Object.keys(user.inline).length > 0) throw deleteConflict('must delete policies first');
        if (user.attached.length > 0) throw deleteConflict('must detach all policies first');
        if (keys.ofUser(user.arn).length > 0) throw deleteConflict('must delete access keys first');
        if (user.groups?.length) throw deleteConflict('must remove user from groups first');
        directory.users.delete(user.name);
        return {};
      },
    },
    PutUserPolicy: policies.put,
    GetUserPolicy: policies.get,
    DeleteUserPolicy: policies.delete,
    ListUserPolicies: policies.list,
    AttachUserPolicy: policies.attach,
    DetachUserPolicy: policies.detach,
    ListAttachedUserPolicies: policies.listAttached,
    PutUserPermissionsBoundary: tags.putBoundary,
    DeleteUserPermissionsBoundary: tags.deleteBoundary,
    TagUser: tags.tag,
    UntagUser: tags.untag,
    ListUserTags: tags.listTags,
  };
}

export function userShape(user: User): UserShape {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: new Date(user.createdAt),
    ...(user.boundary && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: user.boundary,
      },
    }),
    ...(Object.keys(user.tags).length > 0 && { Tags: toTags(user.tags) }),
  };
}
