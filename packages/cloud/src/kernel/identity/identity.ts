// Who calls, and may they: verifies signatures, then asks every policy that applies.
import type { Clock } from '../clock.ts';
import { AwsError } from '../errors.ts';
import type { Access, Call, SessionCredentials, SessionIssuer, Signed } from '../service.ts';
import type { Store } from '../store.ts';
import { contextOf } from './context.ts';
import { decide, type Decision, type Request } from './decision.ts';
import { denial, isRole } from './denial.ts';
import { Directory, type Role } from './directory.ts';
import { explain as explainRequest, type Explanation } from './explanation.ts';
import { Keys, type AccessKey } from './keys.ts';
import { anonymousPrincipal, servicePrincipal, type Principal } from './principal.ts';
import { signatureError } from './signature-errors.ts';
import { readQuerySignature, stringToSign, verifyQuery, type QuerySignature } from './signature-v2.ts';
import {
  canonicalForms,
  chunkSigner,
  readSignature,
  readTimestamp,
  verify,
  type ChunkSigner,
  type Signature,
  type SignedRequest,
} from './signature.ts';

export interface Authentication {
  readonly principal: Principal;
  /** From the credential scope; undefined for an anonymous request. */
  readonly region: string | undefined;
  readonly service: string | undefined;
  /** The declared hash of the body, `UNSIGNED-PAYLOAD`, or one of S3's `STREAMING-…` words. */
  readonly payload: string;
  /** For `STREAMING-AWS4-HMAC-SHA256-PAYLOAD` and its `-TRAILER` form. */
  readonly chunks?: ChunkSigner;
  /** Absent for an anonymous request. */
  readonly signed?: Signed;
}

/** A session to be opened: who it is, for how long, and what narrows it. */
export interface SessionRequest {
  readonly role: Role;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly policies?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitive?: readonly string[];
  readonly sourceIdentity?: string | undefined;
  readonly federatedProvider?: string;
}

export interface Identity {
  /** The store's, twelve digits. */
  readonly account: string;
  readonly directory: Directory;
  readonly keys: Keys;
  readonly administrator: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly sessions: SessionIssuer;
  /** Verifies the request's signature; throws AWS's error, in the words of the service it is meant for. */
  authenticate(request: SignedRequest): Authentication;
  /** Throws AccessDenied with AWS's sentence where anything needed is not allowed. */
  authorize(access: readonly Access[], call: Call): void;
  /** The decision on one action, with the policy behind it. */
  explain(access: Access, call: Call): Decision;
  /** The same decision with every policy and statement that was asked. */
  why(access: Access, call: Call): Explanation;
  openSession(request: SessionRequest): SessionCredentials;
}

/** How far a request's date may be from now: AWS allows fifteen minutes. */
const SKEW_MILLISECONDS = 15 * 60_000;

/** How long a service's session of a role lasts. */
const SERVICE_SESSION_SECONDS = 12 * 3600;

interface IdentityOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** @default the store's own, or '000000000000' */
  readonly account?: string | undefined;
}

export function createIdentity({ store, clock, account: asked }: IdentityOptions): Identity {
  const directory = new Directory(store);
  const keys = new Keys(store);
  const administrator = keys.ensureAdministrator(asked, clock.now());
  const { account } = administrator.principal;

  const authenticate = (request: SignedRequest): Authentication => {
    const signature = readSignature(request);
    if (signature === undefined) {
      const old = readQuerySignature(request);
      if (old) return { principal: presigner(keys, request, old, clock.now()), region: undefined, ...OF_S3 };
      return { principal: anonymousPrincipal, region: undefined, service: undefined, payload: 'UNSIGNED-PAYLOAD' };
    }
    if (typeof signature === 'string') throw signatureError('incomplete', request, signature);
    const key = requireKey(keys, request, signature, clock.now());
    const age = requireFresh(request, signature, clock);
    requireSignedHeaders(request, signature);
    if (!verify(request, signature, key.secretAccessKey)) {
      const forms = canonicalForms(request, signature);
      throw signatureError('mismatch', request, forms.canonicalRequest, {
        stringToSign: forms.stringToSign,
        signature,
      });
    }
    keys.use(key, clock.now(), signature);
    return {
      principal: key.principal,
      region: signature.region,
      service: signature.service,
      payload: signature.payload,
      signed: {
        place: signature.expiresSeconds === undefined ? 'header' : 'query',
        algorithm: 'AWS4-HMAC-SHA256',
        age,
      },
      ...(signature.payload.startsWith('STREAMING-AWS4-HMAC') && {
        chunks: chunkSigner(signature, key.secretAccessKey),
      }),
    };
  };

  const requestOf = (access: Access, call: Call): Request => ({
    principal: call.principal,
    action: access.action,
    resource: access.resource,
    context: contextOf(access, call, directory),
    resourcePolicy:
      access.resourcePolicy === undefined
        ? undefined
        : { name: isRole(access.resource) ? 'of the role' : 'of the resource', document: access.resourcePolicy },
    resourcePolicyRequired: access.resourcePolicyRequired ?? false,
  });

  const explain = (access: Access, call: Call): Decision =>
    decide(requestOf(access, call), directory.policiesOf(call.principal));

  const why = (access: Access, call: Call): Explanation =>
    explainRequest(requestOf(access, call), directory.policiesOf(call.principal));

  const authorize = (access: readonly Access[], call: Call): void => {
    requireLongTerm(call);
    for (const one of access) {
      const decision = explain(one, call);
      if (!decision.allowed) throw denial(one, call, decision);
    }
  };

  const openSession = ({ role, sessionName, durationSeconds, policies = [], tags = {}, ...rest }: SessionRequest) => {
    const { transitive, sourceIdentity, federatedProvider } = rest;
    const now = clock.now();
    const principal: Principal = {
      kind: 'session',
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`,
      id: `${role.id}:${sessionName}`,
      roleArn: role.arn,
      roleName: role.name,
      sessionName,
      policies,
      tags,
      ...(transitive?.length && { transitive }),
      ...(sourceIdentity && { sourceIdentity }),
      ...(federatedProvider && { federatedProvider }),
      issuedAt: now,
    };
    directory.roles.put(role.name, { ...role, lastUsedAt: now });
    const key = keys.createSession(principal, now, now + durationSeconds * 1000);
    const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = key;
    return { accessKeyId, secretAccessKey, sessionToken, expiresAt, principal };
  };

  const assumeForService: SessionIssuer['assumeForService'] = (service, roleArn, sessionName, sourceArn) => {
    const role = directory.findRoleByArn(roleArn);
    const call: Call = {
      service: 'sts',
      operation: 'AssumeRole',
      region: 'us-east-1',
      account,
      principal: servicePrincipal(account, service),
      requestId: '',
      now: clock.now(),
      endpoint: '',
      headers: {},
      sourceArn,
    };
    const access: Access = {
      action: 'sts:AssumeRole',
      resource: roleArn,
      resourcePolicy: role?.trust,
      context: { 'sts:RoleSessionName': sessionName },
    };
    if (!role || !explain(access, call).allowed) {
      throw new AwsError('AccessDenied', `${service} is not authorized to perform: sts:AssumeRole on ${roleArn}`, {
        status: 403,
      });
    }
    return openSession({ role, sessionName, durationSeconds: SERVICE_SESSION_SECONDS });
  };

  return {
    directory,
    keys,
    account,
    administrator,
    sessions: { assumeForService },
    authenticate,
    authorize,
    explain,
    why,
    openSession,
  };
}

// Temporary credentials of a user or of the root stand for it everywhere but in IAM and, mostly, in STS.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
function requireLongTerm({ principal, service, operation }: Call): void {
  const { kind } = principal;
  if ((kind !== 'user' && kind !== 'root' && kind !== 'federated-user') || principal.issuedAt === undefined) return;
  const allowed = kind === 'federated-user' ? ['GetCallerIdentity'] : ['GetCallerIdentity', 'AssumeRole'];
  if (service !== 'iam' && (service !== 'sts' || allowed.includes(operation))) return;
  if (service === 'sts') {
    throw new AwsError('AccessDenied', `Cannot call ${operation} with session credentials`, { status: 403 });
  }
  throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid', { status: 403 });
}

const OF_S3 = {
  service: 's3',
  payload: 'UNSIGNED-PAYLOAD',
  signed: { place: 'query', algorithm: 'AWS' },
} as const;

// Who made a presigned URL of the older kind.
function presigner(keys: Keys, request: SignedRequest, signature: QuerySignature, cloudNow: number): Principal {
  const key = requireKey(keys, request, signature, cloudNow);
  if (signature.expiresAt < Math.min(Date.now(), cloudNow)) {
    throw signatureError('expired url', request, '', { signature, now: cloudNow });
  }
  if (!verifyQuery(request, signature, key.secretAccessKey)) {
    throw signatureError('mismatch', request, '', {
      stringToSign: stringToSign(request, signature.timestamp),
      signature,
    });
  }
  return key.principal;
}

function requireKey(keys: Keys, request: SignedRequest, signature: Signature, now: number): AccessKey {
  const key = keys.find(signature.accessKeyId);
  if (!key?.active) throw signatureError('unknown key', request, '', { signature });
  if (key.sessionToken !== undefined) {
    if (key.sessionToken !== signature.sessionToken) throw signatureError('bad token', request, '', { signature });
    if (key.expiresAt! <= now) throw signatureError('expired token', request, '', { signature });
  }
  return key;
}

// A presigned URL lasts as long as it says on the cloud's clock, whether it was signed by that or by the machine's; one that was
// made in the very second in which the clock was moved counts as made before. Answers how old the signature is.
function requireFresh(request: SignedRequest, signature: Signature, clock: Clock): number {
  const signedAt = readTimestamp(signature.timestamp);
  const { expiresSeconds } = signature;
  const now = clock.now();
  const details = { signature, now };
  if (expiresSeconds === undefined) {
    const fresh = clock.keptBy(signedAt, SKEW_MILLISECONDS);
    if (fresh === undefined) throw signatureError('skewed', request, signature.timestamp, details);
    return Math.max(fresh - signedAt, 0);
  }
  const begin = beginOf(signedAt, clock);
  if (now < begin - SKEW_MILLISECONDS || now > begin + expiresSeconds * 1000) {
    throw signatureError('expired url', request, signature.timestamp, details);
  }
  return Math.max(now - begin, 0);
}

/** When it was, on the cloud's clock, as a client signed at this time of its own, which is the machine's or the cloud's. */
export const beginOf = (signedAt: number, clock: Clock): number =>
  signedAt > Date.now() + SKEW_MILLISECONDS ? signedAt : clock.fromMachine(signedAt);

// What the signature does not cover, somebody on the way could have added.
function requireSignedHeaders(request: SignedRequest, signature: Signature): void {
  const signed = new Set(signature.signedHeaders);
  const loose = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') && !signed.has(name));
  // A presigned URL's payload word may be sent as a header that nobody signed; the body's own hash decides then.
  const forged = loose.filter((name) => name !== 'x-amz-content-sha256' || signature.expiresSeconds === undefined);
  if (forged.length > 0) throw signatureError('unsigned headers', request, forged.join(', '), { signature });
}
