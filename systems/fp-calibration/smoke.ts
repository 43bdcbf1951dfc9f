// What the service is asked after a deployment, from outside and as an organization: one of its own, which is gone afterwards.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import type { HealthCheck, HealthContext } from '@plinth/blocks';

import { callService, type Credentials, type ServiceAnswer, type ServiceRequest } from './client.ts';
import { IDENTITY, LIMITS, POLICY_VERSION } from './contract.ts';

/** How long IAM may take, in AWS, until a new credential is known everywhere. */
const PATIENCE_MILLISECONDS = 30_000;
const INTERVAL_MILLISECONDS = 250;

const ENDPOINTS = ['ingestion', 'consent', 'calibration', 'blocks'] as const;

export const smoke: readonly HealthCheck[] = [
  {
    name: 'strangers',
    check: async ({ outputs }) => {
      for (const endpoint of ENDPOINTS) {
        const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'no secret of anybody' };
        const { status } = await callService(
          urlOf(outputs, endpoint),
          { path: '/' },
          { credentials, region: 'us-east-1' },
        );
        if (status !== 403) throw new Error(`${endpoint} answers ${status} to somebody whom nobody knows`);
      }
      return `refused by all ${ENDPOINTS.length} endpoints`;
    },
  },
  {
    name: 'consent',
    check: (context) =>
      asOrganization(context, async (organization, call, now) => {
        expectStatus(await call('ingestion', report(now)), 403, 'an event without consent');
        expectStatus(await call('consent', consent(organization)), 200, 'a consent');
        expectStatus(await call('ingestion', report(now)), 202, 'an event with consent');
        const path = `/v1/consent/${organization}`;
        expectStatus(await call('consent', { method: 'DELETE', path }), 200, 'taking it back');
        expectStatus(await call('ingestion', report(now)), 403, 'an event after that');
        return 'asked before an event is kept, and again once it is taken back';
      }),
  },
  {
    name: 'duplicates',
    check: (context) =>
      asOrganization(context, async (organization, call, now) => {
        expectStatus(await call('consent', consent(organization)), 200, 'a consent');
        const event = report(now);
        expectStatus(await call('ingestion', event), 202, 'the first report');
        expectStatus(await call('ingestion', event), 409, 'the same report again');
        return 'known within a day';
      }),
  },
  {
    name: 'anonymity',
    check: (context) =>
      asOrganization(context, async (_, call) => {
        const one = await call('calibration', { path: `/v1/calibration/${RULE}` });
        const none = await call('calibration', { path: '/v1/calibration/R-NOBODY-HAS-THIS' });
        expectStatus(one, 403, 'a question about too few');
        if (JSON.stringify(one) !== JSON.stringify(none)) throw new Error('too few and none are told apart');
        return `fewer than ${LIMITS.k} are told like none`;
      }),
  },
  {
    name: 'breaker',
    check: (context) =>
      asOrganization(context, async (_, call) => {
        const answer = await call('blocks', { path: `/v1/blocks/${RULE}` });
        expectStatus(answer, 200, 'the state of a breaker');
        if (answer.body.enforcement !== 'block')
          throw new Error(`a rule that never blocked is to ${answer.body.enforcement}`);
        return 'closed for a rule that never blocked';
      }),
  },
];

const RULE = 'R-SMOKE';

type Call = (endpoint: (typeof ENDPOINTS)[number], request: ServiceRequest) => Promise<ServiceAnswer>;

// Every report is of another finding, so that a test can be run again.
const report = (now: Date): ServiceRequest => ({
  method: 'POST',
  path: '/v1/events',
  body: {
    ruleId: RULE,
    ruleVersion: '1.0.0',
    finding: randomUUID(),
    outcome: 'warn',
    actualOutcome: 'pending',
    confidence: 0.5,
    timestamp: now.toISOString(),
    environment: 'smoke',
  },
});

const consent = (organization: string): ServiceRequest => ({
  method: 'PUT',
  path: `/v1/consent/${organization}`,
  body: { type: 'explicit', scope: ['rule_calibration'], policyVersion: POLICY_VERSION },
});

function expectStatus({ status, body }: ServiceAnswer, expected: number, what: string): void {
  if (status !== expected) throw new Error(`${what} is answered ${status}, not ${expected}: ${JSON.stringify(body)}`);
}

function urlOf(outputs: HealthContext['outputs'], endpoint: (typeof ENDPOINTS)[number]): string {
  const url = outputs[`${endpoint}_url`];
  if (url === undefined) throw new Error(`there is no output '${endpoint}_url'`);
  return url;
}

/** Runs a test as an organization that exists for this test alone. */
async function asOrganization(
  { region, endpoint, credentials: ours, outputs }: HealthContext,
  test: (organization: string, call: Call, now: Date) => Promise<string>,
): Promise<string> {
  const {
    AttachUserPolicyCommand,
    CreateAccessKeyCommand,
    CreateUserCommand,
    DeleteAccessKeyCommand,
    DeleteUserCommand,
    DetachUserPolicyCommand,
    IAMClient,
  } = await import('@aws-sdk/client-iam');
  const iam = new IAMClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(ours && { credentials: ours }),
  });
  const organization = `smoke-${randomUUID().slice(0, 8)}`;
  const policy = { UserName: organization, PolicyArn: outputs['organization_policy_arn'] };
  const Path = `${IDENTITY.userPath}${organization}/`;
  // AWS's time, which a local cloud may be ahead of the machine's.
  const { User } = await iam.send(new CreateUserCommand({ UserName: organization, Path }));
  let key: Credentials | undefined;
  try {
    await iam.send(new AttachUserPolicyCommand(policy));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: organization }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    };
    key = credentials;
    const call: Call = (to, request) => callService(urlOf(outputs, to), request, { credentials, region });
    await known(call);
    return await test(organization, call, User?.CreateDate ?? new Date());
  } finally {
    if (key) await iam.send(new DeleteAccessKeyCommand({ UserName: organization, AccessKeyId: key.accessKeyId }));
    await iam.send(new DetachUserPolicyCommand(policy)).catch(() => undefined);
    await iam.send(new DeleteUserCommand({ UserName: organization }));
    iam.destroy();
  }
}

async function known(call: Call): Promise<void> {
  const until = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    // A path that the function does not have: IAM lets the request through, and nothing is done.
    const { status } = await call('consent', { path: '/' });
    if (status === 404) return;
    if (performance.now() > until) throw new Error(`a new organization is still answered ${status}`);
    await wait(INTERVAL_MILLISECONDS);
  }
}
