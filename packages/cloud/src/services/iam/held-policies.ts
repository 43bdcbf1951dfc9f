// The policies that users, groups and roles have: written into them, and attached to them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
import type { AttachedPolicy } from '@aws-sdk/client-iam';

import type { Directory, Group, Role, User } from '../../kernel/identity/directory.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import type { Access, Call, Operation } from '../../kernel/service.ts';
import { limitExceeded, noSuchEntity } from './errors.ts';
import { encodeDocument, page, requireName } from './shapes.ts';

/** Characters of all inline policies of one holder, without white space. */
const INLINE_LIMIT = { Role: 10_240, User: 2_048, Group: 5_120 };

/** Managed policies that may be attached to one user, group or role. */
const ATTACHED_LIMIT = 10;

export interface Kinds {
  Role: Role;
  User: User;
  Group: Group;
}

/** How one kind of holder is found, kept and named; the API says it in every operation's and member's name. */
export interface Holders<Kind extends keyof Kinds> {
  readonly kind: Kind;
  readonly directory: Directory;
  readonly require: (name: string | undefined) => Kinds[Kind];
  /** The same, where it is about to be changed. */
  readonly requireOwn: (name: string | undefined) => Kinds[Kind];
  readonly save: (holder: Kinds[Kind]) => void;
  /** What IAM is asked, also where there is no such holder. */
  readonly access: (action: string, name: string | undefined, context?: Access['context']) => Access[];
}

export type Named = {
  RoleName?: string | undefined;
  UserName?: string | undefined;
  GroupName?: string | undefined;
};
type ByPolicyName = Named & { PolicyName: string | undefined };
type ByPolicyArn = Named & { PolicyArn: string | undefined };
type Paged = { Marker?: string | undefined; MaxItems?: number | undefined };

/** An operation on a holder that its input names. */
export const operationOn =
  <Kind extends keyof Kinds>(holders: Holders<Kind>) =>
  <Input extends Named, Output>(
    verb: string,
    run: (input: Input, call: Call) => Output,
    context: (input: Input) => Access['context'] = () => undefined,
  ): Operation<Input, Output> => ({
    access: (input) => holders.access(verb, nameIn(holders.kind, input), context(input)),
    run,
  });

export const nameIn = (kind: keyof Kinds, input: Named): string | undefined =>
  ({ Role: input.RoleName, User: input.UserName, Group: input.GroupName })[kind];

/** The operations on inline and attached policies of users, groups or roles, by what they do. */
export function heldPolicies<Kind extends keyof Kinds>(holders: Holders<Kind>) {
  const { kind } = holders;
  const find = (input: Named) => holders.require(nameIn(kind, input));
  const findOwn = (input: Named) => holders.requireOwn(nameIn(kind, input));
  const operation = operationOn(holders);
  const noPolicy = (name: string | undefined) => noSuchEntity(`The ${kind.toLowerCase()} policy with name ${name}`);
  const policyArn = (input: ByPolicyArn) => ({ 'iam:PolicyARN': input.PolicyArn });

  return {
    put: operation(`Put${kind}Policy`, (input: ByPolicyName & { PolicyDocument: string | undefined }) => {
      const holder = findOwn(input);
      const policyName = requireName('policyName', input.PolicyName, 128);
      parsePolicy(input.PolicyDocument ?? '', 'identity');
      const inline = { ...holder.inline, [policyName]: input.PolicyDocument! };
      const size = Object.values(inline).join('').replace(/\s/g, '').length;
      if (size > INLINE_LIMIT[kind]) throw limitExceeded(`PolicySize: ${INLINE_LIMIT[kind]}`);
      holders.save({ ...holder, inline });
      return {};
    }),
    get: operation(`Get${kind}Policy`, (input: ByPolicyName) => {
      const holder = find(input);
      const document = holder.inline[input.PolicyName!];
      if (document === undefined) throw noPolicy(input.PolicyName);
      return { [`${kind}Name`]: holder.name, PolicyName: input.PolicyName!, PolicyDocument: encodeDocument(document) };
    }),
    delete: operation(`Delete${kind}Policy`, (input: ByPolicyName) => {
      const holder = findOwn(input);
      const { [input.PolicyName!]: removed, ...inline } = holder.inline;
      if (removed === undefined) throw noPolicy(input.PolicyName);
      holders.save({ ...holder, inline });
      return {};
    }),
    list: operation(`List${kind}Policies`, (input: Named & Paged) => {
      const { items, ...rest } = page(Object.keys(find(input).inline).toSorted(), (item) => item, input);
      return { PolicyNames: items, ...rest };
    }),
    attach: operation(
      `Attach${kind}Policy`,
      (input: ByPolicyArn) => {
        const holder = findOwn(input);
        requireManaged(holders.directory, input.PolicyArn);
        if (holder.attached.includes(input.PolicyArn!)) return {};
        if (holder.attached.length >= ATTACHED_LIMIT) throw limitExceeded(`PoliciesPer${kind}: ${ATTACHED_LIMIT}`);
        holders.save({ ...holder, attached: [...holder.attached, input.PolicyArn!] });
        return {};
      },
      policyArn,
    ),
    detach: operation(
      `Detach${kind}Policy`,
      (input: ByPolicyArn) => {
        const holder = findOwn(input);
        if (!holder.attached.includes(input.PolicyArn!)) {
          throw noSuchEntity(`Policy ${input.PolicyArn} attached to ${holder.name}`);
        }
        holders.save({ ...holder, attached: holder.attached.filter((arn) => arn !== input.PolicyArn) });
        return {};
      },
      policyArn,
    ),
    listAttached: operation(`ListAttached${kind}Policies`, (input: Named & Paged & { PathPrefix?: string }) => {
      const prefix = input.PathPrefix ?? '/';
      const wanted = attachedPolicies(find(input).attached).filter(({ PolicyArn }) =>
        PolicyArn!.split(':policy')[1]!.startsWith(prefix),
      );
      const { items, ...rest } = page(wanted, (policy) => policy.PolicyArn!, input);
      return { AttachedPolicies: items, ...rest };
    }),
  };
}

export const attachedPolicies = (arns: readonly string[]): AttachedPolicy[] =>
  arns.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }));

/** Throws unless the ARN is of a managed policy, the customer's or one of AWS's that the cloud knows. */
export function requireManaged(directory: Directory, arn: string | undefined): void {
  if (!arn || !directory.findPolicy(arn)) throw noSuchEntity(`Policy ${arn}`);
}
