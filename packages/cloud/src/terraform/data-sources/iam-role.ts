// The data source aws_iam_role.
import type { IamOperations } from '../../services/iam/operations.ts';
import type { DataSourceType } from '../resource.ts';

export const iamRole: DataSourceType = {
  type: 'aws_iam_role',
  async read(config, context) {
    const { Role: role } = await context.client<IamOperations>('iam')('GetRole', { RoleName: config['name'] });
    const lastUsed = role.RoleLastUsed;
    return {
      id: role.RoleName,
      arn: role.Arn,
      assume_role_policy: decodeURIComponent(role.AssumeRolePolicyDocument ?? ''),
      create_date: withoutMilliseconds(role.CreateDate),
      description: role.Description ?? '',
      max_session_duration: role.MaxSessionDuration,
      path: role.Path,
      permissions_boundary: role.PermissionsBoundary?.PermissionsBoundaryArn ?? '',
      role_last_used: lastUsed?.LastUsedDate
        ? [{ last_used_date: withoutMilliseconds(lastUsed.LastUsedDate), region: lastUsed.Region ?? '' }]
        : [],
      tags: Object.fromEntries((role.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
      unique_id: role.RoleId,
    };
  },
};

const withoutMilliseconds = (date: Date | undefined): string | undefined => date?.toISOString().replace(/\.\d+Z$/, 'Z');
