// IAM users and their access keys. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
import type {
  CreateUserCommandInput,
  ListUsersCommandInput,
  UpdateAccessKeyCommandInput,
  User as UserShape,
} from '@aws-sdk/client-iam';

import type { Directory, User } from '../../kernel/identity/directory.ts';
import type { Keys } from '../../kernel/identity/keys.ts';
import { iamId } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { alreadyExists, deleteConflict, invalid, limitExceeded, noSuchEntity } from './errors.ts';
import { holderOperations, requireManaged } from './holder-operations.ts';
import { fromTags, page, requireName, requirePath, toTags } from './shapes.ts';

/** Access keys that a user may have. */
const KEYS_LIMIT = 2;

type ByName = { UserName?: string | undefined };
type ByKey = ByName & { AccessKeyId: string | undefined };

export function userOperations(directory: Directory, keys: Keys, account: string) {
  const arnOf = (name: string | undefined, path = '/') => `arn:aws:iam::${account}:user${path}${name}`;
  const require = (name: string | undefined): User => {
    const user = directory.users.get(name ?? '');
    if (!user) throw noSuchEntity(`The user with name ${name}`);
    return user;
  };
  const save = (user: User) => directory.users.put(user.name, user);
  const knownArn = (name: string | undefined) => directory.users.get(name ?? '')?.arn ?? arnOf(name);
  // Without a name, these operations are about the caller.
  const nameOf = (input: ByName, call: Call) => {
    const name = input.UserName ?? (call.principal.kind === 'user' ? call.principal.name : undefined);
    if (name === undefined) throw invalid('Must specify userName when calling with non-User credentials');
    return name;
  };
  const on =
    (action: string) =>
    (input: ByName, call: Call): Access[] => [{ action: `iam:${action}`, resource: knownArn(nameOf(input, call)) }];
  const requireKey = (input: ByKey, call: Call) => {
    const user = require(nameOf(input, call));
    const key = keys.ofUser(user.arn).find(({ accessKeyId }) => accessKeyId === input.AccessKeyId);
    if (!key) throw noSuchEntity(`The Access Key with id ${input.AccessKeyId}`);
    return { user, key };
  };
  const shared = holderOperations({ kind: 'User', directory, require, save, arn: knownArn });

  return {
    CreateUser: {
      access: (input: CreateUserCommandInput): Access[] => [
        {
          action: 'iam:CreateUser',
          resource: arnOf(input.UserName, input.Path),
          context: { 'iam:PermissionsBoundary': input.PermissionsBoundary },
        },
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
          tags: fromTags(input.Tags),
        };
        save(user);
        return { User: shape(user) };
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
        return { User: shape(require(nameOf(input, call))) };
      },
    },
    ListUsers: {
      access: (): Access[] => [{ action: 'iam:ListUsers', resource: arnOf('*') }],
      run: (input: ListUsersCommandInput) => {
        const users = directory.users.list().map(({ value }) => value);
        const wanted = users.filter((user) => user.path.startsWith(input.PathPrefix ?? '/'));
        const { items, ...rest } = page(wanted, (user) => user.name, input);
        return { Users: items.map((user) => shape({ ...user, tags: {}, boundary: undefined })), ...rest };
      },
    },
    DeleteUser: {
      access: on('DeleteUser'),
      run: (input: ByName) => {
        const user = require(input.UserName);
        if (Object.keys(user.inline).length > 0) throw deleteConflict('must delete policies first');
        if (user.attached.length > 0) throw deleteConflict('must detach all policies first');
        if (keys.ofUser(user.arn).length > 0) throw deleteConflict('must delete access keys first');
        directory.users.delete(user.name);
        return {};
      },
    },
    CreateAccessKey: {
      access: on('CreateAccessKey'),
      run: (input: ByName, call: Call) => {
        const user = require(nameOf(input, call));
        if (keys.ofUser(user.arn).length >= KEYS_LIMIT) throw limitExceeded(`AccessKeysPerUser: ${KEYS_LIMIT}`);
        const principal = { kind: 'user', account, arn: user.arn, id: user.id, name: user.name } as const;
        const key = keys.create(principal, call.now);
        return {
          AccessKey: {
            UserName: user.name,
            AccessKeyId: key.accessKeyId,
            SecretAccessKey: key.secretAccessKey,
            Status: 'Active' as const,
            CreateDate: new Date(call.now),
          },
        };
      },
    },
    ListAccessKeys: {
      access: on('ListAccessKeys'),
      run: (input: ByName, call: Call) => {
        const user = require(nameOf(input, call));
        return {
          AccessKeyMetadata: keys.ofUser(user.arn).map((key) => ({
            UserName: user.name,
            AccessKeyId: key.accessKeyId,
            Status: key.active ? ('Active' as const) : ('Inactive' as const),
            CreateDate: new Date(key.createdAt),
          })),
          IsTruncated: false,
        };
      },
    },
    UpdateAccessKey: {
      access: on('UpdateAccessKey'),
      run: (input: UpdateAccessKeyCommandInput, call: Call) => {
        keys.setActive(requireKey(input, call).key.accessKeyId, input.Status === 'Active');
        return {};
      },
    },
    DeleteAccessKey: {
      access: on('DeleteAccessKey'),
      run: (input: ByKey, call: Call) => {
        keys.delete(requireKey(input, call).key.accessKeyId);
        return {};
      },
    },
    PutUserPolicy: shared.putPolicy,
    GetUserPolicy: shared.getPolicy,
    DeleteUserPolicy: shared.deletePolicy,
    ListUserPolicies: shared.listPolicies,
    AttachUserPolicy: shared.attachPolicy,
    DetachUserPolicy: shared.detachPolicy,
    ListAttachedUserPolicies: shared.listAttached,
    PutUserPermissionsBoundary: shared.putBoundary,
    DeleteUserPermissionsBoundary: shared.deleteBoundary,
    TagUser: shared.tag,
    UntagUser: shared.untag,
    ListUserTags: shared.listTags,
  };
}

function shape(user: User): UserShape {
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
