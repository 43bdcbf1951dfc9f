// IAM roles. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
import type {
  CreateRoleCommandInput,
  CreateRoleCommandOutput,
  DeleteRoleCommandInput,
  GetRoleCommandInput,
  ListRolesCommandInput,
  Role as RoleShape,
  UpdateAssumeRolePolicyCommandInput,
  UpdateRoleCommandInput,
  UpdateRoleDescriptionCommandInput,
} from '@aws-sdk/client-iam';

import { requireWithin } from '../../kernel/constraint.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Directory, Role } from '../../kernel/identity/directory.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import { iamId } from '../../kernel/ids.ts';
import type { Access, Operation } from '../../kernel/service.ts';
import { alreadyExists, deleteConflict, invalid, limitExceeded, noSuchEntity, unmodifiable } from './errors.ts';
import { heldPolicies, requireManaged, type Holders } from './held-policies.ts';
import { heldTags, tagContext, taggingToo } from './held-tags.ts';
import { encodeDocument, mergeTags, page, requireName, requirePath, tagFacts, toTags } from './shapes.ts';

/** Seconds that a session may last: one hour to twelve. */
const SESSION_SECONDS = { least: 3_600, most: 43_200 };

/** Characters of a trust policy, spaces aside. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const TRUST_LIMIT = 2_048;

export function roleOperations(directory: Directory, account: string) {
  const arnOf = (name: string | undefined, path = '/') => `arn:aws:iam::${account}:role${path}${name}`;
  const require = (name: string | undefined): Role => {
    const role = directory.roles.get(name ?? '');
    if (!role) throw noSuchEntity(`The role with name ${name}`);
    return role;
  };
  const save = (role: Role) => directory.roles.put(role.name, role);
  const requireOwn = (name: string | undefined): Role => {
    const role = require(name);
    if (role.linkedTo !== undefined) throw unmodifiable(role.name);
    return role;
  };
  const access: Holders<'Role'>['access'] = (action, name, context) => {
    const role = directory.roles.get(name ?? '');
    return [
      {
        action: `iam:${action}`,
        resource: role?.arn ?? arnOf(name),
        context: { 'iam:PermissionsBoundary': role?.boundary, ...tagFacts(role?.tags ?? {}), ...context },
      },
    ];
  };
  const on =
    (action: string) =>
    (input: { RoleName: string | undefined }): Access[] =>
      access(action, input.RoleName);
  const holders: Holders<'Role'> = { kind: 'Role', directory, require, requireOwn, save, access };
  const policies = heldPolicies(holders);
  const tags = heldTags(holders);
  const profilesOf = (name: string) => directory.instanceProfiles.list().filter(({ value }) => value.role === name);
  const requireTrust = (document: string | undefined): string => {
    for (const { principals } of parsePolicy(document ?? '', 'trust')) {
      const unknown = (principals?.['AWS'] ?? []).find((name) => !directory.knowsPrincipal(name, account));
      if (unknown !== undefined) throw invalidPrincipal(unknown);
    }
    if (document!.replace(/\s/g, '').length > TRUST_LIMIT) throw limitExceeded(`ACLSizePerRole: ${TRUST_LIMIT}`);
    return document!;
  };

  const createRole: Operation<CreateRoleCommandInput, Omit<CreateRoleCommandOutput, '$metadata'>> = {
    access: (input) => [
      {
        action: 'iam:CreateRole',
        resource: arnOf(input.RoleName, input.Path),
        context: { 'iam:PermissionsBoundary': input.PermissionsBoundary, ...tagContext(input.Tags) },
      },
      ...taggingToo('iam:TagRole', arnOf(input.RoleName, input.Path), input.Tags),
    ],
    run: (input, call) => {
      const name = requireName('roleName', input.RoleName, 64);
      if (directory.roles.get(name)) throw alreadyExists(`Role with name ${name}`);
      const trust = requireTrust(input.AssumeRolePolicyDocument);
      if (input.PermissionsBoundary) requireManaged(directory, input.PermissionsBoundary);
      const path = requirePath(input.Path);
      const role: Role = {
        arn: arnOf(name, path),
        id: iamId('AROA'),
        name,
        path,
        createdAt: call.now,
        description: input.Description,
        trust,
        maxSessionSeconds: sessionSeconds(input.MaxSessionDuration),
        inline: {},
        attached: [],
        boundary: input.PermissionsBoundary,
        tags: mergeTags({}, input.Tags),
      };
      save(role);
      return { Role: roleShape(role) };
    },
  };

  return {
    CreateRole: createRole,
    GetRole: {
      access: on('GetRole'),
      run: (input: GetRoleCommandInput) => ({ Role: roleShape(require(input.RoleName)) }),
    },
    ListRoles: {
      access: ({ PathPrefix }: ListRolesCommandInput): Access[] => [
        { action: 'iam:ListRoles', resource: arnOf('', PathPrefix) },
      ],
      run: (input: ListRolesCommandInput) => {
        const roles = directory.roles.list().map(({ value }) => value);
        const wanted = roles.filter((role) => role.path.startsWith(input.PathPrefix ?? '/'));
        const { items, ...rest } = page(wanted, (role) => role.name, input);
        // A list leaves out what GetRole tells of tags, boundary and last use.
        const shown = items.map((role) => ({
          ...roleShape({ ...role, tags: {}, boundary: undefined }),
          RoleLastUsed: undefined,
        }));
        return { Roles: shown, ...rest };
      },
    },
    UpdateRole: {
      access: on('UpdateRole'),
      run: (input: UpdateRoleCommandInput) => {
        const role = require(input.RoleName);
        save({
          ...role,
          description: input.Description ?? role.description,
          maxSessionSeconds: sessionSeconds(input.MaxSessionDuration),
        });
        return {};
      },
    },
    UpdateRoleDescription: {
      access: on('UpdateRoleDescription'),
      run: (input: UpdateRoleDescriptionCommandInput) => {
        save({ ...require(input.RoleName), description: input.Description });
        return { Role: roleShape(require(input.RoleName)) };
      },
    },
    UpdateAssumeRolePolicy: {
      access: on('UpdateAssumeRolePolicy'),
      run: (input: UpdateAssumeRolePolicyCommandInput) => {
        save({ ...requireOwn(input.RoleName), trust: requireTrust(input.PolicyDocument) });
        return {};
      },
    },
    DeleteRole: {
      access: on('DeleteRole'),
      run: (input: DeleteRoleCommandInput) => {
        const role = requireOwn(input.RoleName);
        if (profilesOf(role.name).length > 0) {
          throw deleteConflict('must remove roles from instance profile first');
        }
        if (Object.keys(role.inline).length > 0) throw deleteConflict('must delete policies first');
        if (role.attached.length > 0) throw deleteConflict('must detach all policies first');
        directory.roles.delete(role.name);
        return {};
      },
    },
    PutRolePolicy: policies.put,
    GetRolePolicy: policies.get,
    DeleteRolePolicy: policies.delete,
    ListRolePolicies: policies.list,
    AttachRolePolicy: policies.attach,
    DetachRolePolicy: policies.detach,
    ListAttachedRolePolicies: policies.listAttached,
    PutRolePermissionsBoundary: tags.putBoundary,
    DeleteRolePermissionsBoundary: tags.deleteBoundary,
    TagRole: tags.tag,
    UntagRole: tags.untag,
    ListRoleTags: tags.listTags,
  };
}

function sessionSeconds(seconds: number = SESSION_SECONDS.least): number {
  requireWithin(seconds, 'maxSessionDuration', [SESSION_SECONDS.least, SESSION_SECONDS.most], invalid);
  return seconds;
}

const invalidPrincipal = (name: string): AwsError =>
  new AwsError('MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${name}"`);

export function roleShape(role: Role): RoleShape {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    RoleLastUsed:
      role.lastUsedAt === undefined ? {} : { LastUsedDate: new Date(role.lastUsedAt), Region: role.lastUsedRegion },
    ...(role.boundary && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: role.boundary,
      },
    }),
    ...(Object.keys(role.tags).length > 0 && { Tags: toTags(role.tags) }),
  };
}
