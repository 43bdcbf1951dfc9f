// What users and roles have in common: inline policies, attached policies, boundaries and tags.
import type { AttachedPolicy } from '@aws-sdk/client-iam';

import type { Directory, Role, User } from '../../kernel/identity/directory.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import type { Access, Operation } from '../../kernel/service.ts';
import { invalid, limitExceeded, noSuchEntity } from './errors.ts';
import { encodeDocument, fromTags, page, requireName, toTags } from './shapes.ts';

/** Characters of all inline policies of one role or user, without white space. */
const INLINE_LIMIT = { Role: 10_240, User: 2_048 };

/** Managed policies that may be attached to one user or role. */
const ATTACHED_LIMIT = 10;

const TAGS_LIMIT = 50;

/** How one kind of holder is found, kept and named; the API says it in every operation's and member's name. */
export interface HolderKind<Kind extends 'Role' | 'User'> {
  readonly kind: Kind;
  readonly directory: Directory;
  readonly require: (name: string | undefined) => Kind extends 'Role' ? Role : User;
  readonly save: (holder: Kind extends 'Role' ? Role : User) => void;
  /** The ARN for IAM to decide on, also where there is no such holder. */
  readonly arn: (name: string | undefined) => string;
}

type Named = { RoleName?: string | undefined; UserName?: string | undefined };

/** The policy, boundary and tag operations of users or roles, by their API names. */
export function holderOperations<Kind extends 'Role' | 'User'>(holders: HolderKind<Kind>) {
  const { kind } = holders;
  const name = (input: Named) => (kind === 'Role' ? input.RoleName : input.UserName);
  const find = (input: Named) => holders.require(name(input));
  const operation = <Input extends Named, Output>(
    verb: string,
    run: (input: Input) => Output,
    context: (input: Input) => Access['context'] = () => ({}),
  ): Operation<Input, Output> => ({
    access: (input) => [{ action: `iam:${verb}`, resource: holders.arn(name(input)), context: context(input) ?? {} }],
    run: (input) => run(input),
  });
  const policyArn = (input: { PolicyArn?: string | undefined }) => ({ 'iam:PolicyARN': input.PolicyArn });

  return {
    putPolicy: operation(
      `Put${kind}Policy`,
      (input: Named & { PolicyName: string | undefined; PolicyDocument: string | undefined }) => {
        const holder = find(input);
        const policyName = requireName('policyName', input.PolicyName, 128);
        parsePolicy(input.PolicyDocument ?? '', 'identity');
        const inline = { ...holder.inline, [policyName]: input.PolicyDocument! };
        const size = Object.values(inline).join('').replace(/\s/g, '').length;
        if (size > INLINE_LIMIT[kind]) throw limitExceeded(`PolicySize: ${INLINE_LIMIT[kind]}`);
        holders.save({ ...holder, inline });
        return {};
      },
    ),
    getPolicy: operation(`Get${kind}Policy`, (input: Named & { PolicyName: string | undefined }) => {
      const holder = find(input);
      const document = holder.inline[input.PolicyName!];
      if (document === undefined) throw noSuchEntity(`The ${kind.toLowerCase()} policy with name ${input.PolicyName}`);
      return { [`${kind}Name`]: holder.name, PolicyName: input.PolicyName!, PolicyDocument: encodeDocument(document) };
    }),
    deletePolicy: operation(`Delete${kind}Policy`, (input: Named & { PolicyName: string | undefined }) => {
      const holder = find(input);
      const { [input.PolicyName!]: removed, ...inline } = holder.inline;
      if (removed === undefined) throw noSuchEntity(`The ${kind.toLowerCase()} policy with name ${input.PolicyName}`);
      holders.save({ ...holder, inline });
      return {};
    }),
    listPolicies: operation(`List${kind}Policies`, (input: Named & { Marker?: string; MaxItems?: number }) => {
      const { items, ...rest } = page(Object.keys(find(input).inline).toSorted(), (item) => item, input);
      return { PolicyNames: items, ...rest };
    }),
    attachPolicy: operation(
      `Attach${kind}Policy`,
      (input: Named & { PolicyArn: string | undefined }) => {
        const holder = find(input);
        requireManaged(holders.directory, input.PolicyArn);
        if (holder.attached.includes(input.PolicyArn!)) return {};
        if (holder.attached.length >= ATTACHED_LIMIT) throw limitExceeded(`PoliciesPer${kind}: ${ATTACHED_LIMIT}`);
        holders.save({ ...holder, attached: [...holder.attached, input.PolicyArn!] });
        return {};
      },
      policyArn,
    ),
    detachPolicy: operation(
      `Detach${kind}Policy`,
      (input: Named & { PolicyArn: string | undefined }) => {
        const holder = find(input);
        if (!holder.attached.includes(input.PolicyArn!))
          throw noSuchEntity(`Policy ${input.PolicyArn} attached to ${holder.name}`);
        holders.save({ ...holder, attached: holder.attached.filter((arn) => arn !== input.PolicyArn) });
        return {};
      },
      policyArn,
    ),
    listAttached: operation(
      `ListAttached${kind}Policies`,
      (input: Named & { Marker?: string; MaxItems?: number; PathPrefix?: string }) => {
        const attached = find(input).attached.map((arn): AttachedPolicy => ({
          PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
          PolicyArn: arn,
        }));
        const prefix = input.PathPrefix ?? '/';
        const wanted = attached.filter(({ PolicyArn }) => PolicyArn!.split(':policy')[1]!.startsWith(prefix));
        const { items, ...rest } = page(wanted, (policy) => policy.PolicyArn!, input);
        return { AttachedPolicies: items, ...rest };
      },
    ),
    putBoundary: operation(
      `Put${kind}PermissionsBoundary`,
      (input: Named & { PermissionsBoundary: string | undefined }) => {
        requireManaged(holders.directory, input.PermissionsBoundary);
        holders.save({ ...find(input), boundary: input.PermissionsBoundary! });
        return {};
      },
      (input) => ({ 'iam:PermissionsBoundary': input.PermissionsBoundary }),
    ),
    deleteBoundary: operation(`Delete${kind}PermissionsBoundary`, (input: Named) => {
      const { boundary, ...holder } = find(input);
      if (boundary === undefined)
        throw noSuchEntity(`The permissions boundary of ${kind.toLowerCase()} ${holder.name}`);
      holders.save(holder as ReturnType<typeof find>);
      return {};
    }),
    tag: operation(
      `Tag${kind}`,
      (input: Named & { Tags: { Key: string | undefined; Value: string | undefined }[] | undefined }) => {
        const holder = find(input);
        const tags = { ...holder.tags, ...fromTags(input.Tags) };
        if (Object.keys(tags).length > TAGS_LIMIT)
          throw invalid(`The number of tags has reached the maximum limit of ${TAGS_LIMIT}.`);
        holders.save({ ...holder, tags });
        return {};
      },
    ),
    untag: operation(`Untag${kind}`, (input: Named & { TagKeys: string[] | undefined }) => {
      const holder = find(input);
      const tags = Object.fromEntries(Object.entries(holder.tags).filter(([key]) => !input.TagKeys!.includes(key)));
      holders.save({ ...holder, tags });
      return {};
    }),
    listTags: operation(`List${kind}Tags`, (input: Named & { Marker?: string; MaxItems?: number }) => {
      const { items, ...rest } = page(toTags(find(input).tags), (tag) => tag.Key!, input);
      return { Tags: items, ...rest };
    }),
  };
}

/** Throws unless the ARN is of a managed policy, the customer's or one of AWS's that the cloud knows. */
export function requireManaged(directory: Directory, arn: string | undefined): void {
  if (!arn || !directory.findPolicy(arn)) throw noSuchEntity(`Policy ${arn}`);
}
