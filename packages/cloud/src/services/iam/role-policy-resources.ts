// aws_iam_role_policy and aws_iam_role_policy_attachment: what is written into a role, and what is attached to it.
import type { ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import { attachedArns, decodeDocument, orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { importParts, jsonProblems, nameProblems } from './validation.ts';

export const rolePolicy: ResourceType = {
  type: 'aws_iam_role_policy',
  replace: ['name', 'name_prefix', 'role'],
  validate: (config) => [...nameProblems(config, 128), ...jsonProblems(config, 'policy')],
  async create(planned, context) {
    const name = nameFor(planned);
    await put(context, planned['role'], name, planned['policy']);
    return { id: `${planned['role']}:${name}` };
  },
  async read(state, context) {
    const [RoleName, PolicyName] = importParts(state['id'], ':', 'role-name:role-policy-name');
    const found = await orNull(clientOf(context)('GetRolePolicy', { RoleName, PolicyName }));
    if (!found) return null;
    return {
      name: PolicyName,
      name_prefix: prefixOf(PolicyName),
      policy: decodeDocument(found.PolicyDocument),
      role: RoleName,
    };
  },
  update: (prior, planned, context) => put(context, prior['role'], prior['name'], planned['policy']),
  async delete(state, context) {
    await orNull(clientOf(context)('DeleteRolePolicy', { RoleName: state['role'], PolicyName: state['name'] }));
  },
};

export const rolePolicyAttachment: ResourceType = {
  type: 'aws_iam_role_policy_attachment',
  replace: ['role', 'policy_arn'],
  async create({ role, policy_arn }, context) {
    await clientOf(context)('AttachRolePolicy', { RoleName: role, PolicyArn: policy_arn });
    return { id: `${role}/${policy_arn}` };
  },
  async read({ role, policy_arn }, context) {
    const attached = await orNull(attachedArns(clientOf(context), role));
    return attached?.includes(policy_arn) ? { role, policy_arn } : null;
  },
  async delete({ role, policy_arn }, context) {
    await orNull(clientOf(context)('DetachRolePolicy', { RoleName: role, PolicyArn: policy_arn }));
  },
  importState(id) {
    const [role, policy_arn] = importParts(id, '/', '<role-name>/<policy_arn>');
    return { id, role, policy_arn };
  },
};

const clientOf = (context: ResourceContext) => context.client<IamOperations>('iam');

async function put(context: ResourceContext, role: string, name: string, policy: string): Promise<void> {
  await clientOf(context)('PutRolePolicy', { RoleName: role, PolicyName: name, PolicyDocument: policy });
}
