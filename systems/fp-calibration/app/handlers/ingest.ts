// POST /v1/events: one event, or a list of up to 25.
// IAM: dynamodb GetItem on consents; PutItem on events; GetItem, PutItem, UpdateItem on the counter; reading the salt.
import { LIMITS } from '../../contract.ts';
import {
  parseBody,
  serve,
  type DirectEvent,
  type HttpEvent,
  type InvocationContext,
  type Request,
} from '../aws/http.ts';
import { ingestionPorts, measureResults } from '../aws/ingestion-ports.ts';
import { keepSecret, measure } from '../aws/telemetry.ts';
import { ingest, type Ingested } from '../domain/ingestion.ts';
import { authenticate } from '../domain/organization.ts';
import { invalidAuth, type Refusal } from '../domain/refusal.ts';
import { invalid } from '../schema/check.ts';
import { checkEvent } from '../schema/event.ts';

export const handler = (event: HttpEvent | DirectEvent, context: InvocationContext) =>
  serve(event, context, async (request) => {
    if (request.method !== 'POST' || request.path.join('/') !== 'v1/events') return { status: 404, error: 'NOT_FOUND' };
    const began = performance.now();
    try {
      return await answer(request, Date.now());
    } finally {
      measure('ingestionLatency', performance.now() - began, 'Milliseconds');
    }
  });

type Answer = Refusal | Ingested | { readonly status: number; readonly results: readonly Ingested[] };

async function answer(request: Request, now: number): Promise<Answer> {
  const parsed = parseBody(request.body);
  if ('refusal' in parsed) return parsed.refusal;
  if (!Array.isArray(parsed.value)) {
    const [result] = await results(request, [parsed.value], now);
    return result ?? { status: 404, error: 'NOT_FOUND' };
  }
  const values: unknown[] = parsed.value;
  if (values.length < 1 || values.length > LIMITS.eventsPerRequest) {
    return invalid('', `a list of 1 to ${LIMITS.eventsPerRequest} events`, values, []).refusal;
  }
  const all = await results(request, values, now);
  const statuses = new Set(all.map(({ status }) => status));
  const [status = 207] = statuses;
  return { status: statuses.size === 1 ? status : 207, results: all };
}

/** What became of each; those that are no events are told so before anybody asks who sent them. */
async function results(request: Request, values: readonly unknown[], now: number): Promise<Ingested[]> {
  const checked = values.map((value) => checkEvent(value, now));
  const events = checked.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const outcomes = events.length > 0 ? await send(request, events, now) : [];
  const all = checked.map((each) => (each.value === undefined ? each.refusal : outcomes.shift()));
  const found = all.filter((each) => each !== undefined);
  measureResults(found);
  return found;
}

async function send(request: Request, events: Parameters<typeof ingest>[2], now: number): Promise<Ingested[]> {
  const caller = authenticate(request.caller);
  if (caller.organization === undefined) {
    const refusal = invalidAuth(caller.reason);
    return events.map(() => refusal);
  }
  const { organization } = caller;
  keepSecret(organization);
  return ingest(ingestionPorts, { organization, requestId: request.requestId, now }, events);
}
