// A principal by what a person or the policy simulator calls it.
import type { Directory } from './directory.ts';
import { anonymousPrincipal, rootPrincipal, servicePrincipal, type Principal } from './principal.ts';

interface Known {
  readonly directory: Directory;
  readonly account: string;
  /** The principal of an open session with this ARN. @default no session is open */
  readonly findSession?: (arn: string) => Principal | undefined;
}

/**
 * `root`, `anonymous`, `lambda.amazonaws.com`, `user/ann`, `role/builder`, `assumed-role/builder/session`, or an ARN of a user,
 * a role, a session, an identity provider (for who has its token) or the account. Undefined where there is no such user or role. A session that is open is meant with its
 * policies and tags; one that is not is thought of without.
 */
export function findPrincipal(text: string, known: Known): Principal | undefined {
  const { directory, account, findSession } = known;
  if (text === 'root' || text === account || text === `arn:aws:iam::${account}:root`) return rootPrincipal(account);
  if (text === 'anonymous' || text === '*') return anonymousPrincipal;
  if (/^[a-z0-9.-]+\.amazonaws\.com$/.test(text)) return servicePrincipal(account, text);
  const [, owner, kind, path = ''] =
    /^(?:arn:aws:(?:iam|sts)::(\d{12}):)?(user|role|assumed-role|federated-user|oidc-provider)\/(.+)$/.exec(text) ?? [];
  if (kind === undefined || (owner !== undefined && owner !== account)) return undefined;
  if (kind === 'oidc-provider') return bearerOf(path, known);
  if (kind === 'federated-user') return findSession?.(`arn:aws:sts::${account}:federated-user/${path}`);
  if (kind === 'assumed-role') {
    const [roleName = '', sessionName = ''] = path.split('/');
    return findSession?.(sessionArn(account, roleName, sessionName)) ?? sessionOf(roleName, sessionName, known);
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (kind === 'role') {
    const role = directory.roles.get(name);
    return role && (owner === undefined || role.arn === text) ? sessionOf(name, 'plinth', known) : undefined;
  }
  const user = directory.users.get(name);
  if (!user || (owner !== undefined && user.arn !== text)) return undefined;
  return { kind: 'user', account, arn: user.arn, id: user.id, name };
}

function sessionOf(roleName: string, sessionName: string, { directory, account }: Known): Principal | undefined {
  const role = directory.roles.get(roleName);
  return (
    role && {
      kind: 'session',
      account,
      arn: sessionArn(account, roleName, sessionName),
      id: `${role.id}:${sessionName}`,
      roleArn: role.arn,
      roleName,
      sessionName,
      policies: [],
      tags: {},
    }
  );
}

// Somebody with a provider's token, of whom nothing is known but what the question's context says.
function bearerOf(provider: string, { directory, account }: Known): Principal | undefined {
  const arn = `arn:aws:iam::${account}:oidc-provider/${provider}`;
  if (!directory.oidcProviders.get(arn)) return undefined;
  return { kind: 'web-identity', account, arn: `${provider}:*`, id: '*', provider: arn };
}

const sessionArn = (account: string, roleName: string, sessionName: string): string =>
  `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
