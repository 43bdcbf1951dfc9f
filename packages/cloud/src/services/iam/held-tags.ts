// The boundaries and the tags of users and roles.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
import type { Tag } from '@aws-sdk/client-iam';

import { requestTags, taggingAccess } from '../../kernel/identity/context.ts';
import type { Access } from '../../kernel/service.ts';
import { noSuchEntity } from './errors.ts';
import { nameIn, operationOn, requireManaged, type Holders, type Kinds, type Named } from './held-policies.ts';
import { fromTags, mergeTags, page, toTags } from './shapes.ts';

type Bounded = Named & { PermissionsBoundary: string | undefined };
type Tagged = Named & { Tags: Tag[] | undefined };
type Untagged = Named & { TagKeys: string[] | undefined };
type Paged = Named & { Marker?: string | undefined; MaxItems?: number | undefined };

/** The boundary and tag operations of users or roles, by what they do. */
export function heldTags<Kind extends 'Role' | 'User'>(holders: Holders<Kind>) {
  const { kind } = holders;
  const find = (input: Named): Kinds['Role' | 'User'] => holders.require(nameIn(kind, input));
  const findOwn = (input: Named): Kinds['Role' | 'User'] => holders.requireOwn(nameIn(kind, input));
  const save = (holder: Kinds['Role' | 'User']) => holders.save(holder as Kinds[Kind]);
  const operation = operationOn(holders);

  return {
    putBoundary: operation(
      `Put${kind}PermissionsBoundary`,
      (input: Bounded) => {
        requireManaged(holders.directory, input.PermissionsBoundary);
        save({ ...findOwn(input), boundary: input.PermissionsBoundary });
        return {};
      },
      (input) => ({ 'iam:PermissionsBoundary': input.PermissionsBoundary }),
    ),
    deleteBoundary: operation(`Delete${kind}PermissionsBoundary`, (input: Named) => {
      const { boundary, ...holder } = findOwn(input);
      if (boundary === undefined) {
        throw noSuchEntity(`The permissions boundary of ${kind.toLowerCase()} ${holder.name}`);
      }
      save(holder);
      return {};
    }),
    tag: operation(
      `Tag${kind}`,
      (input: Tagged) => {
        const holder = find(input);
        save({ ...holder, tags: mergeTags(holder.tags, input.Tags) });
        return {};
      },
      (input) => tagContext(input.Tags),
    ),
    untag: operation(
      `Untag${kind}`,
      (input: Untagged) => {
        const holder = find(input);
        save({ ...holder, tags: mergeTags(holder.tags, [], input.TagKeys) });
        return {};
      },
      (input) => ({ 'aws:TagKeys': input.TagKeys }),
    ),
    listTags: operation(`List${kind}Tags`, (input: Paged) => {
      const { items, ...rest } = page(toTags(find(input).tags), (tag) => tag.Key!, input);
      return { Tags: items, ...rest };
    }),
  };
}

export const tagContext = (tags: readonly Tag[] | undefined): Access['context'] => requestTags(fromTags(tags));

/** What making something with tags needs beside the right to make it. */
export const taggingToo = (action: string, resource: string, tags: readonly Tag[] | undefined): Access[] =>
  taggingAccess(action, resource, fromTags(tags));
