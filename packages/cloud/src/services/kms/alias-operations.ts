// Aliases: names for keys, which may be moved to others.
// https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
import type {
  AliasListEntry,
  CreateAliasRequest,
  DeleteAliasRequest,
  ListAliasesRequest,
  UpdateAliasRequest,
} from '@aws-sdk/client-kms';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onNothing } from './access.ts';
import { aliasNotFound, alreadyExists, validation } from './errors.ts';
import { requireNotDeleting, type Alias, type Key, type Place } from './keys.ts';
import { MANAGED_ALIASES } from './managed-keys.ts';
import { page, type Kms } from './service.ts';

const LONGEST_NAME = 256;

export function aliasOperations(kms: Kms) {
  const { keys, guard } = kms;

  // Both the alias, by IAM's policies alone, and the keys that it is given to or taken from.
  const onBoth =
    (operation: string) =>
    (input: { AliasName: string | undefined; TargetKeyId?: string | undefined }, call: Call): Access[] => {
      const name = input.AliasName ?? '';
      const former = operation === 'CreateAlias' ? undefined : keys.findAlias(call.region, name)?.target;
      const targets = [input.TargetKeyId, former].filter((target) => target !== undefined);
      return [
        { ...onNothing(operation, call), resource: aliasArn(call, name) },
        ...[...new Set(targets)].map((target) => guard.named(operation, target, call)),
      ];
    };
  const require = (call: Call, name: string): Alias => {
    const alias = keys.findAlias(call.region, name);
    if (!alias) throw aliasNotFound(aliasArn(call, name));
    return alias;
  };
  const target = (call: Call, named: string | undefined): Key => {
    if (/(^|:)alias\//.test(named ?? '')) throw validation('Aliases must refer to keys. Not aliases');
    const { key } = keys.require(call, named ?? '');
    requireNotDeleting(key);
    return key;
  };

  return {
    CreateAlias: {
      access: onBoth('CreateAlias'),
      run: (input: CreateAliasRequest, call: Call) => {
        const name = requireName(input.AliasName ?? '');
        if (keys.findAlias(call.region, name)) {
          throw alreadyExists(`An alias with the name ${aliasArn(call, name)} already exists`);
        }
        const { id } = target(call, input.TargetKeyId);
        keys.saveAlias({ name, region: call.region, target: id, createdAt: call.now, updatedAt: call.now });
        return {};
      },
    },
    UpdateAlias: {
      access: onBoth('UpdateAlias'),
      run: (input: UpdateAliasRequest, call: Call) => {
        const alias = require(call, requireName(input.AliasName ?? ''));
        const key = target(call, input.TargetKeyId);
        const former = keys.get(call.region, alias.target);
        if (former && (former.usage !== key.usage || isSymmetric(former) !== isSymmetric(key))) {
          throw validation(
            `Alias ${alias.name} cannot be moved from ${former.arn} to ${key.arn}: the keys have to be of the same type and usage.`,
          );
        }
        keys.saveAlias({ ...alias, target: key.id, updatedAt: call.now });
        return {};
      },
    },
    DeleteAlias: {
      access: onBoth('DeleteAlias'),
      run: (input: DeleteAliasRequest, call: Call) => {
        keys.deleteAlias(require(call, requireName(input.AliasName ?? '')));
        return {};
      },
    },
    ListAliases: {
      access: (_: ListAliasesRequest, call: Call): Access[] => [onNothing('ListAliases', call)],
      run: (input: ListAliasesRequest, call: Call) => {
        const known = keys.aliases(call.region).map((alias) => toEntry(alias, call));
        const names = new Set(known.map(({ AliasName }) => AliasName));
        // AWS lists the names of its managed keys before there are any.
        const idle = MANAGED_ALIASES.filter((name) => !names.has(name)).map((name) => ({
          AliasName: name,
          AliasArn: aliasArn(call, name),
        }));
        const id = input.KeyId === undefined ? undefined : keys.require(call, input.KeyId).key.id;
        const listed: AliasListEntry[] =
          id === undefined ? [...idle, ...known] : known.filter((entry) => entry.TargetKeyId === id);
        const { items, rest } = page(listed, ({ AliasName }) => AliasName!, input);
        return { Aliases: items, ...rest };
      },
    },
  };
}

const aliasArn = ({ region, account }: Place, name: string): string => `arn:aws:kms:${region}:${account}:${name}`;

const toEntry = ({ name, target, createdAt, updatedAt }: Alias, call: Call): AliasListEntry => ({
  AliasName: name,
  AliasArn: aliasArn(call, name),
  TargetKeyId: target,
  CreationDate: new Date(createdAt),
  LastUpdatedDate: new Date(updatedAt),
});

const isSymmetric = ({ spec }: Key): boolean => spec === 'SYMMETRIC_DEFAULT';

function requireName(name: string): string {
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name) || name.length > LONGEST_NAME) {
    throw validation(
      `1 validation error detected: Value '${name}' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^alias/[a-zA-Z0-9/_-]+$`,
    );
  }
  if (name.startsWith('alias/aws/')) {
    throw new AwsError('NotAuthorizedException', 'Names that begin with alias/aws/ are for AWS managed keys.');
  }
  return name;
}
