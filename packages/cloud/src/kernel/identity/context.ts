// A request's context: the condition keys that hold for every service, and what the operation says of its own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
import type { Access, Call } from '../service.ts';
import type { Context } from './conditions.ts';
import type { Directory } from './directory.ts';
import type { Principal } from './principal.ts';

/** The context of one action within a call. */
export function contextOf(access: Pick<Access, 'context'>, call: Call, directory: Directory): Context {
  const { principal, headers, via = [] } = call;
  const context = new Map<string, string | readonly string[]>([
    ['aws:currenttime', new Date(call.now).toISOString()],
    ['aws:epochtime', String(Math.floor(call.now / 1000))],
    ['aws:requestedregion', call.region],
    ['aws:resourceaccount', call.account],
    ['aws:principalisawsservice', String(principal.kind === 'service')],
    ['aws:viaawsservice', String(via.length > 0)],
    // Nothing leaves the machine, so loopback counts as a secure transport, unless a proxy says how the client came.
    ['aws:securetransport', String(headers['x-forwarded-proto'] !== 'http')],
  ]);
  const set = (key: string, value: string | readonly string[] | undefined) => {
    if (value !== undefined && value.length > 0) context.set(key, value);
  };
  // A service's calls come from nowhere that a policy could name.
  if (principal.kind !== 'service' && via.length === 0) set('aws:sourceip', clientAddress(headers));
  set('aws:useragent', headers['user-agent']);
  set('aws:referer', headers['referer']);
  const services = via.map((name) => `${name}.amazonaws.com`);
  set('aws:calledvia', services);
  set('aws:calledviafirst', services[0]);
  set('aws:calledvialast', services.at(-1));
  for (const [key, value] of principalContext(principal, directory)) context.set(key, value);
  if (principal.kind === 'service') {
    set('aws:sourcearn', call.sourceArn);
    set('aws:sourceaccount', call.account);
  }
  for (const [name, value] of Object.entries(access.context ?? {})) {
    if (value !== undefined) context.set(name.toLowerCase(), value);
  }
  return context;
}

/** `aws:RequestTag/…` and `aws:TagKeys` of a request that sets tags. */
export const requestTags = (tags: Readonly<Record<string, string>>): NonNullable<Access['context']> => ({
  ...prefixed('aws:RequestTag/', tags),
  ...(Object.keys(tags).length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
});

/**
 * What a request needs beside the right to make something, where it tags it in the same breath.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
 */
export const taggingAccess = (action: string, resource: string, tags: Readonly<Record<string, string>>): Access[] =>
  Object.keys(tags).length > 0 ? [{ action, resource, context: requestTags(tags) }] : [];

/** `aws:ResourceTag/…` of what a request is about. */
export const resourceTags = (tags: Readonly<Record<string, string>>): NonNullable<Access['context']> =>
  prefixed('aws:ResourceTag/', tags);

export const prefixed = (prefix: string, tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [prefix + key, value]));

// The nearest proxy's word is taken, as it is for the transport; without one the client is on this machine.
const clientAddress = (headers: Call['headers']): string =>
  headers['x-forwarded-for']?.split(',')[0]?.trim() ?? '127.0.0.1';

/** The condition keys that say who calls. */
export function principalContext(principal: Principal, directory: Directory): [string, string | readonly string[]][] {
  if (principal.kind === 'anonymous') return [['aws:principaltype', 'Anonymous']];
  if (principal.kind === 'web-identity') return [];
  if (principal.kind === 'service') {
    return [
      ['aws:principalservicename', principal.name],
      ['aws:principalservicenameslist', [principal.name]],
    ];
  }
  const known: [string, string | readonly string[]][] = [
    ['aws:principalarn', principal.kind === 'session' ? principal.roleArn : principal.arn],
    ['aws:principalaccount', principal.account],
    ['aws:userid', principal.id],
    ['aws:principaltype', TYPES[principal.kind]],
    ...Object.entries(directory.tagsOf(principal)).map(([name, value]): [string, string] => [
      `aws:principaltag/${name.toLowerCase()}`,
      value,
    ]),
  ];
  if (principal.kind === 'user') known.push(['aws:username', principal.name]);
  if (principal.kind === 'session') {
    if (principal.sourceIdentity) known.push(['aws:sourceidentity', principal.sourceIdentity]);
    if (principal.federatedProvider) known.push(['aws:federatedprovider', principal.federatedProvider]);
  }
  if (principal.issuedAt !== undefined) {
    known.push(
      ['aws:tokenissuetime', new Date(principal.issuedAt).toISOString()],
      ['aws:multifactorauthpresent', 'false'],
    );
  }
  return known;
}

const TYPES = { root: 'Account', user: 'User', session: 'AssumedRole', 'federated-user': 'FederatedUser' } as const;
