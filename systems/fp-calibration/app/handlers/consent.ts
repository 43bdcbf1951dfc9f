// /v1/consent/{organization}: PUT, GET and DELETE; GET …/history; PUT …/credential lets the caller's credential send to the queue.
// IAM: dynamodb GetItem and PutItem on consents.
import { createHash } from 'node:crypto';

import { CONSENT_RESOURCES, type ConsentResource } from '../../contract.ts';
import { consentTable, enrolSender } from '../aws/consent-table.ts';
import {
  parseBody,
  serve,
  type DirectEvent,
  type HttpEvent,
  type InvocationContext,
  type Request,
  type Result,
} from '../aws/http.ts';
import { keepSecret, logger, measure } from '../aws/telemetry.ts';
import { grant, revoke, stateOf, type Consent } from '../domain/consent.ts';
import { authenticate, credentialId, organizationId } from '../domain/organization.ts';
import { invalidAuth, malformed, unavailable, type Refusal } from '../domain/refusal.ts';
import { checkConsent } from '../schema/requests.ts';

export const handler = (event: HttpEvent | DirectEvent, context: InvocationContext) =>
  serve(event, context, async (request) => {
    const [version, noun, named = '', part, ...more] = request.path;
    if (version !== 'v1' || noun !== 'consent' || more.length > 0) return { status: 404, error: 'NOT_FOUND' };
    keepSecret(named);
    const caller = authenticate(request.caller);
    if (caller.organization === undefined) return invalidAuth(caller.reason);
    const { organization } = caller;
    keepSecret(organization);
    if (organizationId(named) !== organization) return { status: 403, error: 'FOREIGN_ORGANIZATION' };
    const route = ROUTES[[request.method, ...(part === undefined ? [] : [part])].join(' ')];
    if (!route) return { status: 404, error: 'NOT_FOUND' };
    try {
      return await route(organization, request, Date.now());
    } catch (error) {
      logger.error('The consent could not be read or kept', { error });
      measure('consentCheckFailures', 1);
      return unavailable(request.requestId);
    }
  });

type Route = (organization: string, request: Request, now: number) => Promise<Result | Refusal>;

const ROUTES: Readonly<Record<string, Route>> = {
  async GET(organization, _, now) {
    const { consent, suspended } = await consentTable.find(organization);
    return { status: 200, ...described(consent, now), suspended };
  },

  async PUT(organization, request, now) {
    const parsed = parseBody(request.body);
    if ('refusal' in parsed) return parsed.refusal;
    const checked = checkConsent(parsed.value, now);
    if (checked.value === undefined) return checked.refusal;
    const { suspended } = await consentTable.find(organization);
    if (suspended) return { status: 403, error: 'ORGANIZATION_SUSPENDED' };
    const consent = await grant(consentTable, { organization, by: actor(request), now }, checked.value);
    return consent ? { status: 200, ...described(consent, now) } : { status: 409, error: 'CONFLICT' };
  },

  async DELETE(organization, request, now) {
    const consent = await revoke(consentTable, { organization, by: actor(request), now });
    return consent ? { status: 200, ...described(consent, now) } : { status: 409, error: 'CONFLICT' };
  },

  async 'GET history'(organization) {
    const { entries } = await consentTable.history(organization);
    return { status: 200, history: entries };
  },

  async 'PUT credential'(organization, { principalId }, now) {
    if (principalId === undefined) return malformed('only a caller of the function URL has a credential to enrol');
    const { suspended } = await consentTable.find(organization);
    if (suspended) return { status: 403, error: 'ORGANIZATION_SUSPENDED' };
    const expiresAt = await enrolSender(credentialId(principalId), organization, now);
    return { status: 200, enrolledUntil: new Date(expiresAt * 1_000).toISOString() };
  },
};

/** Who acts, as a hash: enough to tell whether it was the same as before. */
const actor = ({ caller }: Request): string =>
  createHash('sha256')
    .update(caller.arn ?? caller.functionArn)
    .digest('hex');

function described(consent: Consent | undefined, now: number): Readonly<Record<string, unknown>> {
  const resources = Object.entries(CONSENT_RESOURCES).map(([name, { risk, retentionDays }]) => [
    name,
    { state: stateOf(consent, name as ConsentResource, now), risk, retentionDays },
  ]);
  return {
    consent: consent && {
      type: consent.type,
      scope: consent.scope,
      grantedBy: consent.grantedBy,
      grantedAt: isoOf(consent.grantedAt),
      expiresAt: consent.expiresAt === undefined ? undefined : isoOf(consent.expiresAt),
      revoked: consent.revoked,
      policyVersion: consent.policyVersion,
    },
    resources: Object.fromEntries(resources) as Record<string, unknown>,
  };
}

const isoOf = (seconds: number): string => new Date(seconds * 1_000).toISOString();
