// The access keys of IAM users. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
import type { GetAccessKeyLastUsedCommandInput, UpdateAccessKeyCommandInput } from '@aws-sdk/client-iam';

import { requireOneOf } from '../../kernel/constraint.ts';
import type { Directory, User } from '../../kernel/identity/directory.ts';
import type { Keys } from '../../kernel/identity/keys.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { invalid, limitExceeded, noSuchEntity } from './errors.ts';
import { page, tagFacts, type PageInput } from './shapes.ts';

/** Access keys that a user may have. */
const KEYS_LIMIT = 2;

type ByName = { UserName?: string | undefined };
type ByKey = ByName & { AccessKeyId: string | undefined };

export function accessKeyOperations(directory: Directory, keys: Keys, account: string) {
  const require = (name: string | undefined): User => {
    const user = directory.users.get(name ?? '');
    if (!user) throw noSuchEntity(`The user with name ${name}`);
    return user;
  };
  // Without a name, these operations are about the caller.
  const nameOf = (input: ByName, call: Call) => {
    const name = input.UserName ?? (call.principal.kind === 'user' ? call.principal.name : undefined);
    if (name === undefined) throw invalid('Must specify userName when calling with non-User credentials');
    return name;
  };
  const onUser = (action: string, name: string): Access[] => {
    const user = directory.users.get(name);
    const resource = user?.arn ?? `arn:aws:iam::${account}:user/${name}`;
    return [{ action: `iam:${action}`, resource, context: tagFacts(user?.tags ?? {}) }];
  };
  const on =
    (action: string) =>
    (input: ByName, call: Call): Access[] =>
      onUser(action, nameOf(input, call));
  const ownerOf = (accessKeyId: string | undefined) => {
    const principal = keys.find(accessKeyId ?? '')?.principal;
    return principal?.kind === 'user' ? principal.name : undefined;
  };
  const requireKey = (input: ByKey, call: Call) => {
    const user = require(nameOf(input, call));
    const key = keys.ofUser(user.arn).find(({ accessKeyId }) => accessKeyId === input.AccessKeyId);
    if (!key) throw noSuchEntity(`The Access Key with id ${input.AccessKeyId}`);
    return { user, key };
  };

  return {
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
      run: (input: ByName & PageInput, call: Call) => {
        const user = require(nameOf(input, call));
        const { items, ...rest } = page(keys.ofUser(user.arn), ({ accessKeyId }) => accessKeyId, input);
        return {
          AccessKeyMetadata: items.map((key) => ({
            UserName: user.name,
            AccessKeyId: key.accessKeyId,
            Status: key.active ? ('Active' as const) : ('Inactive' as const),
            CreateDate: new Date(key.createdAt),
          })),
          ...rest,
        };
      },
    },
    UpdateAccessKey: {
      access: on('UpdateAccessKey'),
      run: (input: UpdateAccessKeyCommandInput, call: Call) => {
        const { Status: status } = input;
        requireOneOf(status, 'status', ['Active', 'Inactive'], invalid);
        keys.setActive(requireKey(input, call).key.accessKeyId, status === 'Active');
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
    GetAccessKeyLastUsed: {
      access: (input: GetAccessKeyLastUsedCommandInput): Access[] =>
        onUser('GetAccessKeyLastUsed', ownerOf(input.AccessKeyId) ?? '*'),
      run: (input: GetAccessKeyLastUsedCommandInput) => {
        const owner = ownerOf(input.AccessKeyId);
        if (owner === undefined) throw noSuchEntity(`The Access Key with id ${input.AccessKeyId}`);
        const use = keys.lastUse(input.AccessKeyId!);
        return {
          UserName: owner,
          AccessKeyLastUsed: use
            ? { LastUsedDate: new Date(use.at), ServiceName: use.service, Region: use.region }
            : { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' },
        };
      },
    },
  };
}
