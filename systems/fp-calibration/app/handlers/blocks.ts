// POST /v1/blocks: a rule is about to block; GET /v1/blocks/{ruleId}: what its breaker is now. Both for the caller's own organization.
// IAM: dynamodb GetItem, PutItem, UpdateItem on the counter; reading the salt, under which organizations are counted.
import { breakersOf } from '../aws/counter-table.ts';
import { parseBody, serve, type DirectEvent, type HttpEvent, type InvocationContext } from '../aws/http.ts';
import { saltSecret } from '../aws/salt-secret.ts';
import { breakerSettings } from '../aws/settings.ts';
import { keepSecret, logger, measure } from '../aws/telemetry.ts';
import { inspect, recordBlock, type Verdict } from '../domain/breaker.ts';
import { keysOf } from '../domain/ingestion.ts';
import { authenticate } from '../domain/organization.ts';
import { invalidAuth } from '../domain/refusal.ts';
import { checkBlock } from '../schema/requests.ts';

export const handler = (event: HttpEvent | DirectEvent, context: InvocationContext) =>
  serve(event, context, async (request) => {
    const [version, noun, named, ...more] = request.path;
    const records = request.method === 'POST' && named === undefined;
    const asks = request.method === 'GET' && named !== undefined;
    if (version !== 'v1' || noun !== 'blocks' || more.length > 0 || !(records || asks)) {
      return { status: 404, error: 'NOT_FOUND' };
    }
    const parsed = records ? parseBody(request.body) : { value: { ruleId: named } };
    if ('refusal' in parsed) return parsed.refusal;
    const checked = checkBlock(parsed.value);
    if (checked.value === undefined) return checked.refusal;
    const caller = authenticate(request.caller);
    if (caller.organization === undefined) return invalidAuth(caller.reason);
    const { organization } = caller;
    keepSecret(organization);
    return verdictFor(organization, checked.value.ruleId, records);
  });

async function verdictFor(organization: string, ruleId: string, records: boolean) {
  const now = Date.now();
  // A threshold that is wrong is nobody's unreachable counter: it fails before anything is counted.
  const settings = breakerSettings();
  try {
    const keys = keysOf(await saltSecret.load(), organization);
    const breakers = breakersOf(ruleId, now);
    const verdict = records ? await recordBlock(breakers, keys, settings, now) : await inspect(breakers, keys, now);
    if (verdict.tripped) {
      logger.warn('A breaker tripped: the rule only warns until its cooldown is over', { ruleId });
      measure('breakerTrips', 1);
    }
    return { status: 200, ruleId, ...described(verdict) };
  } catch (error) {
    // The breaker is a convenience: without it rules block as they always did.
    logger.error('The counter cannot be read; the breaker does not trip', { ruleId, error });
    measure('breakerUnreadable', 1);
    return { status: 200, ruleId, state: 'UNKNOWN', enforcement: 'block', warning: false };
  }
}

const described = ({ until, ...verdict }: Verdict) => ({
  ...verdict,
  until: until === undefined ? undefined : new Date(until).toISOString(),
});
