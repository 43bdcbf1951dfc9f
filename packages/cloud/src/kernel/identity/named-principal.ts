// A principal by what a person or the policy simulator calls it.
import type { Directory } from './directory.ts';
import { anonymousPrincipal, rootPrincipal, servicePrincipal, type Principal } from './principal.ts';

/**
 * `root`, `anonymous`, `lambda.amazonaws.com`, `user/ann`, `role/builder`, or an ARN of a user, a role, a session of a role
 * or the account. Undefined where there is no such user or role.
 */
export function findPrincipal(text: string, directory: Directory, account: string): Principal | undefined {
  if (text === 'root' || text === account || text === `arn:aws:iam::${account}:root`) return rootPrincipal(account);
  if (text === 'anonymous' || text === '*') return anonymousPrincipal;
  if (/^[a-z0-9.-]+\.amazonaws\.com$/.test(text)) return servicePrincipal(account, text);
  const [, owner, kind, path = ''] =
    /^(?:arn:aws:(?:iam|sts)::(\d{12}):)?(user|role|assumed-role)\/(.+)$/.exec(text) ?? [];
  if (kind === undefined || (owner !== undefined && owner !== account)) return undefined;
  if (kind === 'assumed-role') {
    const [roleName = '', sessionName = ''] = path.split('/');
    return sessionOf(roleName, sessionName, directory, account);
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (kind === 'role') {
    const role = directory.roles.get(name);
    return role && (owner === undefined || role.arn === text)
      ? sessionOf(name, 'plinth', directory, account)
      : undefined;
  }
  const user = directory.users.get(name);
  if (!user || (owner !== undefined && user.arn !== text)) return undefined;
  return { kind: 'user', account, arn: user.arn, id: user.id, name };
}

function sessionOf(
  roleName: string,
  sessionName: string,
  directory: Directory,
  account: string,
): Principal | undefined {
  const role = directory.roles.get(roleName);
  return (
    role && {
      kind: 'session',
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
      id: `${role.id}:${sessionName}`,
      roleArn: role.arn,
      roleName,
      sessionName,
      policies: [],
      tags: {},
    }
  );
}
