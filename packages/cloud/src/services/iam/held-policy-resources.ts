// What is written into a role, a user or a group, and what is attached to it: aws_iam_role_policy, aws_iam_role_policy_attachment,
// and the same of users and groups.
import type { Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import { allPages, decodeDocument, orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { importParts, jsonProblems, nameProblems } from './validation.ts';

type Iam = Client<IamOperations>;
type Page = { Marker?: string };

/** The API's operations on one kind of holder. */
interface Calls {
  readonly put: (iam: Iam, holder: string, PolicyName: string, PolicyDocument: string) => Promise<unknown>;
  readonly get: (iam: Iam, holder: string, PolicyName: string) => Promise<{ PolicyDocument?: string | undefined }>;
  readonly remove: (iam: Iam, holder: string, PolicyName: string) => Promise<unknown>;
  readonly attach: (iam: Iam, holder: string, PolicyArn: string) => Promise<unknown>;
  readonly detach: (iam: Iam, holder: string, PolicyArn: string) => Promise<unknown>;
  readonly attached: (iam: Iam, holder: string, page: Page) => Promise<Attached>;
}

interface Attached {
  readonly AttachedPolicies: readonly { PolicyArn?: string | undefined }[];
  readonly Marker?: string | undefined;
}

const CALLS: Readonly<Record<'role' | 'user' | 'group', Calls>> = {
  role: {
    put: (iam, RoleName, PolicyName, PolicyDocument) => iam('PutRolePolicy', { RoleName, PolicyName, PolicyDocument }),
    get: (iam, RoleName, PolicyName) => iam('GetRolePolicy', { RoleName, PolicyName }),
    remove: (iam, RoleName, PolicyName) => iam('DeleteRolePolicy', { RoleName, PolicyName }),
    attach: (iam, RoleName, PolicyArn) => iam('AttachRolePolicy', { RoleName, PolicyArn }),
    detach: (iam, RoleName, PolicyArn) => iam('DetachRolePolicy', { RoleName, PolicyArn }),
    attached: (iam, RoleName, page) => iam('ListAttachedRolePolicies', { RoleName, ...page }),
  },
  user: {
    put: (iam, UserName, PolicyName, PolicyDocument) => iam('PutUserPolicy', { UserName, PolicyName, PolicyDocument }),
    get: (iam, UserName, PolicyName) => iam('GetUserPolicy', { UserName, PolicyName }),
    remove: (iam, UserName, PolicyName) => iam('DeleteUserPolicy', { UserName, PolicyName }),
    attach: (iam, UserName, PolicyArn) => iam('AttachUserPolicy', { UserName, PolicyArn }),
    detach: (iam, UserName, PolicyArn) => iam('DetachUserPolicy', { UserName, PolicyArn }),
    attached: (iam, UserName, page) => iam('ListAttachedUserPolicies', { UserName, ...page }),
  },
  group: {
    put: (iam, GroupName, PolicyName, PolicyDocument) =>
      iam('PutGroupPolicy', { GroupName, PolicyName, PolicyDocument }),
    get: (iam, GroupName, PolicyName) => iam('GetGroupPolicy', { GroupName, PolicyName }),
    remove: (iam, GroupName, PolicyName) => iam('DeleteGroupPolicy', { GroupName, PolicyName }),
    attach: (iam, GroupName, PolicyArn) => iam('AttachGroupPolicy', { GroupName, PolicyArn }),
    detach: (iam, GroupName, PolicyArn) => iam('DetachGroupPolicy', { GroupName, PolicyArn }),
    attached: (iam, GroupName, page) => iam('ListAttachedGroupPolicies', { GroupName, ...page }),
  },
};

export const heldPolicyResources: readonly ResourceType[] = (['role', 'user', 'group'] as const).flatMap((kind) => [
  inlinePolicy(kind),
  attachment(kind),
]);

function inlinePolicy(kind: keyof typeof CALLS): ResourceType {
  const calls = CALLS[kind];
  return {
    type: `aws_iam_${kind}_policy`,
    replace: ['name', 'name_prefix', kind],
    validate: (config) => [...nameProblems(config, 128), ...jsonProblems(config, 'policy')],
    async create(planned, context) {
      const name = nameFor(planned);
      await calls.put(clientOf(context), planned[kind], name, planned['policy']);
      return { id: `${planned[kind]}:${name}` };
    },
    async read(state, context) {
      const [holder, name] = importParts(state['id'], ':', `${kind}-name:${kind}-policy-name`);
      const found = await orNull(calls.get(clientOf(context), holder, name));
      if (!found) return null;
      return { name, name_prefix: prefixOf(name), policy: decodeDocument(found.PolicyDocument), [kind]: holder };
    },
    async update(prior, planned, context) {
      await calls.put(clientOf(context), prior[kind], prior['name'], planned['policy']);
    },
    async delete(state, context) {
      await orNull(calls.remove(clientOf(context), state[kind], state['name']));
    },
  };
}

function attachment(kind: keyof typeof CALLS): ResourceType {
  const calls = CALLS[kind];
  return {
    type: `aws_iam_${kind}_policy_attachment`,
    replace: [kind, 'policy_arn'],
    async create({ [kind]: holder, policy_arn }, context) {
      await calls.attach(clientOf(context), holder, policy_arn);
      return { id: `${holder}/${policy_arn}` };
    },
    async read({ [kind]: holder, policy_arn }, context) {
      const arns = allPages(async (page) => {
        const { AttachedPolicies, Marker } = await calls.attached(clientOf(context), holder, page);
        return { items: AttachedPolicies.map(({ PolicyArn }) => PolicyArn), Marker };
      });
      return (await orNull(arns))?.includes(policy_arn) ? { [kind]: holder, policy_arn } : null;
    },
    async delete({ [kind]: holder, policy_arn }, context) {
      await orNull(calls.detach(clientOf(context), holder, policy_arn));
    },
    importState(id) {
      const [holder, policy_arn] = importParts(id, '/', `<${kind}-name>/<policy_arn>`);
      return { id, [kind]: holder, policy_arn };
    },
  };
}

const clientOf = (context: ResourceContext): Iam => context.client<IamOperations>('iam');
