// Every way in which a request is refused has a name; none is silent.
import { LIMITS } from '../../contract.ts';

export type Refusal =
  | { readonly status: 400; readonly error: 'MALFORMED'; readonly reason: string }
  | {
      readonly status: 400;
      readonly error: 'INVALID_SCHEMA';
      readonly field: string;
      readonly expected: string;
      readonly received: string;
    }
  | { readonly status: 401; readonly error: 'INVALID_AUTH'; readonly reason: 'missing' | 'invalid' | 'expired' }
  | { readonly status: 403; readonly error: 'ORGANIZATION_SUSPENDED' }
  | { readonly status: 403; readonly error: 'CONSENT_REQUIRED'; readonly resource: string; readonly state: string }
  | { readonly status: 403; readonly error: 'FOREIGN_ORGANIZATION' }
  | { readonly status: 403; readonly error: 'INSUFFICIENT_K_ANONYMITY'; readonly requiredK: number }
  | { readonly status: 404; readonly error: 'NOT_FOUND' }
  | { readonly status: 409; readonly error: 'DUPLICATE'; readonly priorEventId: string }
  | { readonly status: 409; readonly error: 'CONFLICT' }
  | { readonly status: 429; readonly error: 'THROTTLED'; readonly limit: number; readonly resetAt: string }
  | { readonly status: 500; readonly error: 'INTERNAL'; readonly requestId: string }
  | { readonly status: 503; readonly error: 'UNAVAILABLE'; readonly retryAfter: number; readonly requestId: string };

export const malformed = (reason: string): Refusal => ({ status: 400, error: 'MALFORMED', reason });

export const invalidAuth = (reason: 'missing' | 'invalid' | 'expired'): Refusal => ({
  status: 401,
  error: 'INVALID_AUTH',
  reason,
});

/** The only answer to a question that cannot be answered: the same for nothing at all and for too little of it. */
export const insufficient = (): Refusal => ({
  status: 403,
  error: 'INSUFFICIENT_K_ANONYMITY',
  requiredK: LIMITS.k,
});

export const unavailable = (requestId: string): Refusal => ({
  status: 503,
  error: 'UNAVAILABLE',
  retryAfter: LIMITS.retryAfterSeconds,
  requestId,
});
