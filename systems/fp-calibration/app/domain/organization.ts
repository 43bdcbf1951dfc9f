// Which organization is calling: read from the credential, never from what it sends.
import { IDENTITY, LIMITS } from '../../contract.ts';

/** Who called, as far as AWS vouches for it. */
export interface Caller {
  /** The caller's ARN, where the request came by a function URL. */
  readonly arn?: string | undefined;
  /** The function's ARN as it was invoked; ends with the alias where there is one. */
  readonly functionArn: string;
}

export type Authentication =
  | { readonly organization: string }
  | { readonly organization?: undefined; readonly reason: 'missing' | 'invalid' | 'expired' };

/** Kinds of rows that lie beside the consents; no organization may be called like one of them. */
export const ROW_PREFIXES = { suspension: 'suspension#', history: 'history#', credential: 'credential#' } as const;

/** An organization's id as it is kept: trimmed, 1 to 255 characters; undefined where it is none. */
export function organizationId(text: string): string | undefined {
  const id = text.trim();
  if (id.length < 1 || id.length > LIMITS.organizationLength) return undefined;
  if (Object.values(ROW_PREFIXES).some((prefix) => id.startsWith(prefix))) return undefined;
  return id;
}

/**
 * The organization of a call. Each form is one that only an administrator of this account can make: the alias that a policy
 * allows to invoke, the path of a user, the name of a role. Names in another account prove nothing, whoever may call from there.
 */
export function authenticate({ arn, functionArn }: Caller): Authentication {
  const [, partition, , , account, , , alias] = functionArn.split(':');
  if (alias?.startsWith(IDENTITY.aliasPrefix)) return known(alias.slice(IDENTITY.aliasPrefix.length));
  if (arn === undefined || arn === '') return { reason: 'missing' };
  const user = /^arn:([\w-]+):iam::(\d{12}):user(\/.+)$/.exec(arn);
  const role = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/.exec(arn);
  const [, itsPartition, itsAccount, name = ''] = user ?? role ?? [];
  if (itsPartition !== partition || itsAccount !== account) return { reason: 'invalid' };
  if (user) {
    const [organization, ...rest] = name.startsWith(IDENTITY.userPath)
      ? name.slice(IDENTITY.userPath.length).split('/')
      : [];
    return rest.length > 0 ? known(organization) : { reason: 'invalid' };
  }
  return known(name.startsWith(IDENTITY.rolePrefix) ? name.slice(IDENTITY.rolePrefix.length).split('.')[0] : '');
}

/** The part of a principal's id that stays the same for all its sessions: `AIDA…` of a user, `AROA…` of a role. */
export const credentialId = (principalId: string): string => principalId.split(':')[0] ?? principalId;

function known(name = ''): Authentication {
  const organization = organizationId(name);
  return organization === undefined ? { reason: 'invalid' } : { organization };
}
