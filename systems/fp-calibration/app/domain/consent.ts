// What an organization has agreed to, and whether that holds now.
import { CONSENT_RESOURCES, LIMITS, POLICY_VERSION, type ConsentResource } from '../../contract.ts';

export type ConsentType = 'explicit' | 'implicit' | 'none';

export type ConsentState = 'granted' | 'expired' | 'revoked' | 'pending' | 'not_requested';

export interface Consent {
  readonly orgId: string;
  readonly type: ConsentType;
  readonly scope: readonly ConsentResource[];
  /** SHA-256 of who granted it. */
  readonly grantedBy: string;
  /** Seconds since 1970. */
  readonly grantedAt: number;
  /** Seconds since 1970. */
  readonly expiresAt?: number | undefined;
  readonly revoked: boolean;
  readonly policyVersion: string;
}

export interface ConsentChange {
  /** ISO 8601. */
  readonly at: string;
  readonly action: 'granted' | 'revoked';
  readonly type: ConsentType;
  readonly scope: readonly ConsentResource[];
  readonly by: string;
  readonly policyVersion: string;
}

export interface ConsentHistory {
  readonly entries: readonly ConsentChange[];
  /** Counts the changes; a change that names another one than it found is refused. */
  readonly version: number;
}

/** Where consents are kept. Whatever it cannot answer it throws: an unreachable store has consented to nothing. */
export interface ConsentStore {
  /** What is known of an organization, as of now and not of a while ago. */
  find(organization: string): Promise<{ readonly consent: Consent | undefined; readonly suspended: boolean }>;
  history(organization: string): Promise<ConsentHistory>;
  /** Keeps the consent and the change together, or neither; false where somebody else changed it meanwhile. */
  save(consent: Consent, history: ConsentHistory, found: number): Promise<boolean>;
}

/** A consent as an organization asks for it. */
export interface ConsentRequest {
  readonly type: ConsentType;
  readonly scope: readonly ConsentResource[];
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  readonly policyVersion: string;
}

/** Whether a consent covers a resource at a moment, given in milliseconds. */
export function stateOf(consent: Consent | undefined, resource: ConsentResource, now: number): ConsentState {
  if (!consent || consent.type === 'none') return 'not_requested';
  if (consent.revoked) return 'revoked';
  if (!consent.scope.includes(resource)) return 'not_requested';
  // DynamoDB may take days to delete what has expired.
  if (consent.expiresAt !== undefined && consent.expiresAt * 1_000 <= now) return 'expired';
  if (now >= (consent.grantedAt + CONSENT_RESOURCES[resource].retentionDays * 86_400) * 1_000) return 'expired';
  if (consent.policyVersion !== POLICY_VERSION) return 'pending';
  if (CONSENT_RESOURCES[resource].risk === 'high' && consent.type !== 'explicit') return 'pending';
  return 'granted';
}

export interface ConsentAction {
  readonly organization: string;
  /** SHA-256 of who acts. */
  readonly by: string;
  readonly now: number;
}

/** Grants or replaces a consent; undefined where others kept changing it. */
export function grant(
  store: ConsentStore,
  { organization, by, now }: ConsentAction,
  request: ConsentRequest,
): Promise<Consent | undefined> {
  return change(store, organization, 'granted', now, () => ({
    orgId: organization,
    type: request.type,
    scope: [...new Set(request.scope)].toSorted(),
    grantedBy: by,
    grantedAt: Math.floor(now / 1_000),
    ...expiryOf(request, now),
    revoked: false,
    policyVersion: request.policyVersion,
  }));
}

/** Takes a consent back. One that was never given is refused from now on too, and that is written down. */
export function revoke(store: ConsentStore, { organization, by, now }: ConsentAction): Promise<Consent | undefined> {
  return change(store, organization, 'revoked', now, (found) => ({
    orgId: organization,
    type: found?.type ?? 'none',
    scope: found?.scope ?? [],
    grantedAt: found?.grantedAt ?? Math.floor(now / 1_000),
    policyVersion: found?.policyVersion ?? POLICY_VERSION,
    grantedBy: by,
    revoked: true,
  }));
}

/** A consent without an end ends when the last of what it covers does: what nobody needs any more is not kept. */
function expiryOf({ scope, expiresAt }: ConsentRequest, now: number): { readonly expiresAt?: number } {
  if (expiresAt !== undefined) return { expiresAt: Math.floor(expiresAt / 1_000) };
  const days = Math.max(0, ...scope.map((resource) => CONSENT_RESOURCES[resource].retentionDays));
  return days === 0 ? {} : { expiresAt: Math.floor(now / 1_000) + days * 86_400 };
}

/** How often a change is tried again after somebody else's came first. */
const ATTEMPTS = 5;

async function change(
  store: ConsentStore,
  organization: string,
  action: ConsentChange['action'],
  now: number,
  next: (found: Consent | undefined) => Consent,
): Promise<Consent | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { entries, version } = await store.history(organization);
    const { consent: found } = await store.find(organization);
    const consent = next(found);
    const { type, scope, grantedBy: by, policyVersion } = consent;
    const entry: ConsentChange = { at: new Date(now).toISOString(), action, type, scope, by, policyVersion };
    const kept = [...entries, entry].slice(-LIMITS.consentHistory);
    if (await store.save(consent, { entries: kept, version: version + 1 }, version)) return consent;
  }
  return undefined;
}
