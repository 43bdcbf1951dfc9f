// IAM roles. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
import type {
  CreateRoleCommandInput,
  CreateRoleCommandOutput,
  DeleteRoleCommandInput,
  GetRoleCommandInput,
  ListInstanceProfilesForRoleCommandInput,
  ListRolesCommandInput,
  Role as RoleShape,
  UpdateAssumeRolePolicyCommandInput,
  UpdateRoleCommandInput,
  UpdateRoleDescriptionCommandInput,
} from '@aws-sdk/client-iam';

import type { Directory, Role } from '../../kernel/identity/directory.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import { iamId } from '../../kernel/ids.ts';
import type { Access, Operation } from '../../kernel/service.ts';
import { alreadyExists, deleteConflict, invalid, noSuchEntity } from './errors.ts';
import { holderOperations, requireManaged } from './holder-operations.ts';
import { encodeDocument, fromTags, page, requireName, requirePath, toTags } from './shapes.ts';

/** Seconds that a session may last: one hour to twelve. */
const SESSION_SECONDS = { least: 3_600, most: 43_200 };

export function roleOperations(directory: Directory, account: string) {
  const arnOf = (name: string | undefined, path = '/') => `arn:aws:iam::${account}:role${path}${name}`;
  const require = (name: string | undefined): Role => {
    const role = directory.roles.get(name ?? '');
    if (!role) throw noSuchEntity(`The role with name ${name}`);
    return role;
  };
  const save = (role: Role) => directory.roles.put(role.name, role);
  const knownArn = (name: string | undefined) => directory.roles.get(name ?? '')?.arn ?? arnOf(name);
  const on =
    (action: string) =>
    (input: { RoleName: string | undefined }): Access[] => [
      { action: `iam:${action}`, resource: knownArn(input.RoleName) },
    ];
  const shared = holderOperations({ kind: 'Role', directory, require, save, arn: knownArn });

  const createRole: Operation<CreateRoleCommandInput, Omit<CreateRoleCommandOutput, '$metadata'>> = {
    access: (input) => [
      {
        action: 'iam:CreateRole',
        resource: arnOf(input.RoleName, input.Path),
        context: { 'iam:PermissionsBoundary': input.PermissionsBoundary },
      },
    ],
    run: (input, call) => {
      const name = requireName('roleName', input.RoleName, 64);
      if (directory.roles.get(name)) throw alreadyExists(`Role with name ${name}`);
      parsePolicy(input.AssumeRolePolicyDocument ?? '', 'trust');
      if (input.PermissionsBoundary) requireManaged(directory, input.PermissionsBoundary);
      const path = requirePath(input.Path);
      const role: Role = {
        arn: arnOf(name, path),
        id: iamId('AROA'),
        name,
        path,
        createdAt: call.now,
        description: input.Description,
        trust: input.AssumeRolePolicyDocument!,
        maxSessionSeconds: sessionSeconds(input.MaxSessionDuration),
        inline: {},
        attached: [],
        boundary: input.PermissionsBoundary,
        tags: fromTags(input.Tags),
      };
      save(role);
      return { Role: shape(role) };
    },
  };

  return {
    CreateRole: createRole,
    GetRole: {
      access: on('GetRole'),
      run: (input: GetRoleCommandInput) => ({ Role: shape(require(input.RoleName)) }),
    },
    ListRoles: {
      access: (): Access[] => [{ action: 'iam:ListRoles', resource: arnOf('*') }],
      run: (input: ListRolesCommandInput) => {
        const roles = directory.roles.list().map(({ value }) => value);
        const wanted = roles.filter((role) => role.path.startsWith(input.PathPrefix ?? '/'));
        const { items, ...rest } = page(wanted, (role) => role.name, input);
        // A list leaves out what GetRole tells of tags, boundary and last use.
        return { Roles: items.map((role) => shape({ ...role, tags: {}, boundary: undefined })), ...rest };
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
        return { Role: shape(require(input.RoleName)) };
      },
    },
    UpdateAssumeRolePolicy: {
      access: on('UpdateAssumeRolePolicy'),
      run: (input: UpdateAssumeRolePolicyCommandInput) => {
        parsePolicy(input.PolicyDocument ?? '', 'trust');
        save({ ...require(input.RoleName), trust: input.PolicyDocument! });
        return {};
      },
    },
    DeleteRole: {
      access: on('DeleteRole'),
      run: (input: DeleteRoleCommandInput) => {
        const role = require(input.RoleName);
        if (Object.keys(role.inline).length > 0) throw deleteConflict('must delete policies first');
        if (role.attached.length > 0) throw deleteConflict('must detach all policies first');
        directory.roles.delete(role.name);
        return {};
      },
    },
    // Instance profiles are of EC2, which this cloud does not have: no role is in one.
    ListInstanceProfilesForRole: {
      access: on('ListInstanceProfilesForRole'),
      run: (input: ListInstanceProfilesForRoleCommandInput) => {
        require(input.RoleName);
        return { InstanceProfiles: [], IsTruncated: false };
      },
    },
    PutRolePolicy: shared.putPolicy,
    GetRolePolicy: shared.getPolicy,
    DeleteRolePolicy: shared.deletePolicy,
    ListRolePolicies: shared.listPolicies,
    AttachRolePolicy: shared.attachPolicy,
    DetachRolePolicy: shared.detachPolicy,
    ListAttachedRolePolicies: shared.listAttached,
    PutRolePermissionsBoundary: shared.putBoundary,
    DeleteRolePermissionsBoundary: shared.deleteBoundary,
    TagRole: shared.tag,
    UntagRole: shared.untag,
    ListRoleTags: shared.listTags,
  };
}

function sessionSeconds(seconds: number | undefined): number {
  if (seconds === undefined) return SESSION_SECONDS.least;
  if (seconds < SESSION_SECONDS.least || seconds > SESSION_SECONDS.most) {
    throw invalid(
      `1 validation error detected: Value '${seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between ${SESSION_SECONDS.least} and ${SESSION_SECONDS.most}`,
    );
  }
  return seconds;
}

function shape(role: Role): RoleShape {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    RoleLastUsed: role.lastUsedAt === undefined ? {} : { LastUsedDate: new Date(role.lastUsedAt) },
    ...(role.boundary && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: role.boundary,
      },
    }),
    ...(Object.keys(role.tags).length > 0 && { Tags: toTags(role.tags) }),
  };
}
