// Access control lists, for buckets whose ownership setting still allows them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
import { createHash } from 'node:crypto';

import type { AccessControlPolicy, Grant, Owner, Permission } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Bucket } from './buckets.ts';
import { accessDenied, aclsNotSupported, invalidArgument, malformedXml, notSupported } from './errors.ts';

export const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers';
export const AUTHENTICATED_USERS = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';
export const LOG_DELIVERY = 'http://acs.amazonaws.com/groups/s3/LogDelivery';

const GROUPS = [ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY];
const PERMISSIONS: readonly string[] = [
  'FULL_CONTROL',
  'READ',
  'READ_ACP',
  'WRITE',
  'WRITE_ACP',
] satisfies Permission[];

/** What a request may say of an ACL, in headers or in a document. */
export interface AclInput {
  ACL?: string | undefined;
  GrantFullControl?: string | undefined;
  GrantRead?: string | undefined;
  GrantReadACP?: string | undefined;
  GrantWrite?: string | undefined;
  GrantWriteACP?: string | undefined;
  AccessControlPolicy?: AccessControlPolicy | undefined;
}

/** The canonical user of an account: sixty-four hexadecimal digits, always the same ones. */
export const canonicalUser = (account: string): string =>
  createHash('sha256').update(`canonical user of ${account}`).digest('hex');

export const ownerOf = (account: string): Owner => ({ ID: canonicalUser(account) });

/** The grants that everything has which was given no others. */
export const ownerGrants = (owner: Owner): Grant[] => [
  { Grantee: { Type: 'CanonicalUser', ...owner }, Permission: 'FULL_CONTROL' },
];

/** True where the bucket's ownership setting has turned ACLs off. */
export const aclsDisabled = ({ settings }: Pick<Bucket, 'settings'>): boolean =>
  settings.ownership === 'BucketOwnerEnforced';

export const isAclGiven = (input: AclInput): boolean => grantHeaders(input).length > 0 || input.ACL !== undefined;

/**
 * The grants that a request asks for; undefined where it asks for none. Refuses what the bucket's settings refuse: any ACL but
 * the owner's own rights where ACLs are off, public ones where they are blocked.
 */
export function requestedGrants(input: AclInput, bucket: Bucket, owner: Owner): Grant[] | undefined {
  const grants = parse(input, owner);
  if (!grants) return undefined;
  if (aclsDisabled(bucket) && input.ACL !== 'bucket-owner-full-control' && !isOwnersAlone(grants, owner)) {
    throw aclsNotSupported();
  }
  if (aclsDisabled(bucket) && input.ACL === 'private') throw aclsNotSupported();
  if (bucket.settings.publicAccessBlock?.BlockPublicAcls && isPublicAcl(grants)) throw accessDenied();
  return grants;
}

export const isPublicAcl = (grants: readonly Grant[]): boolean =>
  grants.some(({ Grantee }) => Grantee?.URI === ALL_USERS || Grantee?.URI === AUTHENTICATED_USERS);

export const isOwnersAlone = (grants: readonly Grant[], owner: Owner): boolean =>
  grants.every(({ Grantee }) => Grantee?.Type === 'CanonicalUser' && Grantee.ID === owner.ID);

function parse(input: AclInput, owner: Owner): Grant[] | undefined {
  const headers = grantHeaders(input);
  if (input.ACL !== undefined && headers.length > 0) {
    throw new AwsError('InvalidRequest', 'Specifying both Canned ACLs and Header Grants is not allowed');
  }
  if (input.AccessControlPolicy) {
    if (input.ACL !== undefined || headers.length > 0) {
      throw new AwsError('UnexpectedContent', 'This request does not support content');
    }
    return document(input.AccessControlPolicy, owner);
  }
  if (headers.length > 0) return headers.flatMap(([permission, text]) => granted(permission, text, owner));
  return input.ACL === undefined ? undefined : canned(input.ACL, owner);
}

const grantHeaders = (input: AclInput): [Permission, string][] =>
  (
    [
      ['FULL_CONTROL', input.GrantFullControl],
      ['READ', input.GrantRead],
      ['READ_ACP', input.GrantReadACP],
      ['WRITE', input.GrantWrite],
      ['WRITE_ACP', input.GrantWriteACP],
    ] as const
  ).flatMap(([permission, text]) => (text === undefined ? [] : [[permission, text]]));

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
function canned(name: string, owner: Owner): Grant[] {
  const group = (URI: string, ...permissions: Permission[]): Grant[] =>
    permissions.map((Permission) => ({ Grantee: { Type: 'Group', URI }, Permission }));
  const own = ownerGrants(owner);
  switch (name) {
    case 'private':
    case 'bucket-owner-read':
    case 'bucket-owner-full-control':
      return own;
    case 'public-read':
      return [...own, ...group(ALL_USERS, 'READ')];
    case 'public-read-write':
      return [...own, ...group(ALL_USERS, 'READ', 'WRITE')];
    case 'authenticated-read':
      return [...own, ...group(AUTHENTICATED_USERS, 'READ')];
    case 'log-delivery-write':
      return [...own, ...group(LOG_DELIVERY, 'WRITE', 'READ_ACP')];
    case 'aws-exec-read':
      throw notSupported('The canned ACL aws-exec-read');
    default:
      throw invalidArgument('', 'x-amz-acl', name);
  }
}

/** Reads a grant header, such as `id="…", uri="http://acs.amazonaws.com/groups/global/AllUsers"`. */
function granted(Permission: Permission, text: string, owner: Owner): Grant[] {
  return text.split(',').map((item) => {
    const [, kind, value = ''] = /^\s*(\w+)\s*=\s*"?([^"]*)"?\s*$/.exec(item) ?? [];
    // The AWS CLI's own examples write `URI=` and `emailaddress=`.
    switch (kind?.toLowerCase()) {
      case 'id':
        return { Grantee: requireUser(value, owner), Permission };
      case 'uri':
        return { Grantee: { Type: 'Group', URI: requireGroup(value) }, Permission };
      case 'emailaddress':
        throw notSupported('A grant to an e-mail address');
      default:
        throw invalidArgument(
          'Argument format not recognized',
          `x-amz-grant-${Permission.toLowerCase().replaceAll('_', '-')}`,
          text,
        );
    }
  });
}

function document({ Grants = [], Owner }: AccessControlPolicy, owner: Owner): Grant[] {
  if (Owner?.ID !== owner.ID) throw accessDenied();
  return Grants.map(({ Grantee, Permission }) => {
    if (!Grantee || !PERMISSIONS.includes(Permission ?? '')) throw malformedXml();
    if (Grantee.Type === 'Group')
      return { Grantee: { Type: 'Group', URI: requireGroup(Grantee.URI ?? '') }, Permission };
    if (Grantee.Type === 'CanonicalUser') return { Grantee: requireUser(Grantee.ID ?? '', owner), Permission };
    throw notSupported('A grant to an e-mail address');
  });
}

function requireUser(id: string, owner: Owner) {
  if (id !== owner.ID) throw invalidArgument('Invalid id', 'CanonicalUser/ID', id);
  return { Type: 'CanonicalUser' as const, ...owner };
}

function requireGroup(uri: string): string {
  if (!GROUPS.includes(uri)) throw invalidArgument('Invalid group uri', 'Group/URI', uri);
  return uri;
}
