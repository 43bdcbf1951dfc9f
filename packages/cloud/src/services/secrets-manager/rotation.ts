// Rotation: the customer's function makes, sets, tests and finishes a new version, when the schedule says so.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
import { AwsError, notSupported } from '../../kernel/errors.ts';
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import { parseSchedule, ScheduleError, type Schedule } from '../../kernel/schedule/schedule.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { invalidParameter, invalidRequest } from './errors.ts';
import type { Rotation, Secret, Secrets, Version } from './secrets.ts';
import { CURRENT, moveStage, PENDING, versionAt } from './stages.ts';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

const HOUR_MILLISECONDS = 3_600_000;

const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;

/** How long after a failure the next attempt comes. */
const RETRY_MILLISECONDS = HOUR_MILLISECONDS;

const MOST_DAYS = 1000;

/** How Lambda's Invoke is asked, and what of its answer matters here. */
interface Invocation {
  readonly FunctionName: string;
  readonly InvocationType: 'DryRun' | 'RequestResponse';
  readonly Payload?: Uint8Array;
}

interface Invoked {
  readonly FunctionError?: string | undefined;
}

export class Rotations {
  readonly #kernel: Kernel;
  readonly #secrets: Secrets;
  readonly #arm: (secret: Secret) => void;
  readonly #running = new Set<Promise<void>>();

  constructor(kernel: Kernel, secrets: Secrets, arm: (secret: Secret) => void) {
    this.#kernel = kernel;
    this.#secrets = secrets;
    this.#arm = arm;
  }

  /** Refuses a function that the caller may not invoke, or that Secrets Manager could not. */
  async requireFunction(secret: Secret, functionArn: string, call: Call): Promise<void> {
    const invocation: Invocation = { FunctionName: functionArn, InvocationType: 'DryRun' };
    const as = { principal: call.principal, region: call.region, via: [...(call.via ?? []), 'secretsmanager'] };
    try {
      await this.#kernel.invoke<Invocation, Invoked>('lambda', 'Invoke', invocation, as);
    } catch (error) {
      // What else is wrong with the function is told in the words for what Secrets Manager finds.
      if (!(error instanceof AwsError) || error.code === 'AccessDeniedException') throw error;
    }
    try {
      await this.#invoke(secret, invocation);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === 'NotImplemented') {
        throw notSupported(
          `RotateSecret needs AWS Lambda to run ${functionArn}, and this cloud has no Lambda: nothing would rotate the secret.`,
        );
      }
      throw new AwsError(
        'AccessDeniedException',
        `Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com. (${error.message})`,
      );
    }
  }

  /** Begins a rotation; it is there when this returns, and its steps are over when the answer resolves, however they ended. */
  begin(secret: Secret, token = uuid()): Promise<void> {
    if (!secret.rotation || secret.rotation.off) return Promise.resolve();
    const { functionArn } = secret.rotation;
    const pending = versionAt(secret, PENDING);
    const retried = pending !== undefined && pending !== versionAt(secret, CURRENT);
    const id = retried ? pending.id : token;
    if (!retried) {
      const known = secret.versions.find((version) => version.id === id);
      const version = known ?? { id, createdAt: this.#kernel.clock.now(), stages: [] };
      if (!known) secret.versions.push(version);
      moveStage(secret, PENDING, version);
    }
    // Should it fail, or the cloud be killed in the middle, it is tried again.
    secret.rotation = { ...secret.rotation, nextAt: this.#kernel.clock.now() + RETRY_MILLISECONDS };
    this.#secrets.save(secret);
    this.#arm(secret);
    const work = this.#run(secret, functionArn, id).finally(() => this.#running.delete(work));
    this.#running.add(work);
    return work;
  }

  /**
   * Runs the step that tests alone, on a version that is gone when the answer resolves, however the test ended.
   * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html, `RotateImmediately`
   */
  async tryOut(secret: Secret): Promise<void> {
    const version: Version = { id: uuid(), createdAt: this.#kernel.clock.now(), stages: [PENDING] };
    this.#secrets.save({ ...secret, versions: [...secret.versions, version] });
    await this.#step(secret, secret.rotation!.functionArn, 'testSecret', version.id);
    const tried = this.#find(secret);
    if (tried) this.#secrets.save({ ...tried, versions: tried.versions.filter(({ id }) => id !== version.id) });
  }

  /** Resolves once no rotation is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(secret: Secret, functionArn: string, token: string): Promise<void> {
    for (const step of STEPS) {
      const { rotation } = this.#find(secret) ?? {};
      if (!rotation || rotation.off) return;
      if (!(await this.#step(secret, functionArn, step, token))) return;
    }
    this.#finish(secret, token);
  }

  /** False where the function failed. */
  async #step(secret: Secret, functionArn: string, step: (typeof STEPS)[number], token: string): Promise<boolean> {
    try {
      const event = { Step: step, SecretId: secret.arn, ClientRequestToken: token };
      const { FunctionError } = await this.#invoke(secret, {
        FunctionName: functionArn,
        InvocationType: 'RequestResponse',
        Payload: Buffer.from(JSON.stringify(event)),
      });
      if (FunctionError === undefined) return true;
      throw new Error(FunctionError);
    } catch (error) {
      this.#kernel.log('secret rotation failed', { secret: secret.arn, step, reason: String(error) });
      return false;
    }
  }

  #find({ region, name }: Secret): Secret | undefined {
    return this.#secrets.find({ region, account: this.#kernel.account }, name);
  }

  #finish(before: Secret, token: string): void {
    const secret = this.#find(before);
    if (!secret?.rotation || secret.rotation.off) return;
    if (versionAt(secret, CURRENT)?.id !== token) {
      this.#kernel.log('secret rotation failed', { secret: secret.arn, reason: `${token} did not become ${CURRENT}` });
      return;
    }
    moveStage(secret, PENDING, undefined);
    const now = this.#kernel.clock.now();
    secret.rotatedAt = now;
    secret.rotation = { ...secret.rotation, nextAt: nextRotation(secret.rotation, now) };
    this.#secrets.save(secret);
    this.#arm(secret);
  }

  #invoke(secret: Secret, invocation: Invocation): Promise<Invoked> {
    return this.#kernel.invoke<Invocation, Invoked>('lambda', 'Invoke', invocation, {
      principal: servicePrincipal(this.#kernel.account, 'secretsmanager.amazonaws.com'),
      region: secret.region,
      sourceArn: secret.arn,
    });
  }
}

/** The days between two rotations, as AWS reckons them of a schedule. */
export function daysOf({ days, schedule, nextAt = 0 }: Rotation): number | undefined {
  if (schedule === undefined) return days;
  const read = readSchedule(schedule);
  const first = read.next(nextAt, nextAt);
  const second = first === undefined ? undefined : read.next(first, first);
  return second === undefined ? undefined : Math.max(1, Math.round((second - first!) / DAY_MILLISECONDS));
}

/** The schedule of a request, checked; what it leaves out stays as it was. */
export function scheduleOf(rules: {
  AutomaticallyAfterDays?: number | undefined;
  ScheduleExpression?: string | undefined;
  Duration?: string | undefined;
}): Pick<Rotation, 'days' | 'schedule' | 'duration'> {
  const { AutomaticallyAfterDays: days, ScheduleExpression: schedule, Duration: duration } = rules;
  if (days !== undefined && schedule !== undefined) {
    throw invalidParameter("You can't specify both AutomaticallyAfterDays and ScheduleExpression in RotationRules.");
  }
  if (days !== undefined && (days < 1 || days > MOST_DAYS)) {
    throw invalidParameter(`AutomaticallyAfterDays has to be between 1 and ${MOST_DAYS}.`);
  }
  if (schedule !== undefined) readSchedule(schedule);
  if (duration !== undefined && !/^[1-9]\d?h$/.test(duration)) throw invalidParameter(`Invalid Duration: ${duration}`);
  return { days, schedule, duration };
}

/**
 * The moment of the next rotation after `after`, in milliseconds; a rate and a number of days count from there.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 */
export function nextRotation({ days, schedule }: Pick<Rotation, 'days' | 'schedule'>, after: number): number {
  if (schedule !== undefined) {
    const next = readSchedule(schedule).next(after, after);
    if (next === undefined) throw invalidParameter(`ScheduleExpression ${schedule} never comes.`);
    return next;
  }
  if (days === undefined) throw invalidRequest('RotationRules need AutomaticallyAfterDays or a ScheduleExpression.');
  return after + days * DAY_MILLISECONDS;
}

function readSchedule(expression: string): Schedule {
  let schedule: Schedule;
  try {
    schedule = parseSchedule(expression);
  } catch (error) {
    if (error instanceof ScheduleError) throw invalidParameter(`Invalid ScheduleExpression: ${error.message}`);
    throw error;
  }
  // A rotation window begins on the hour, and rates are told in hours or days, four hours at least.
  const between =
    schedule.kind === 'rate'
      ? expression.includes('minute') || schedule.next(0, 0)! < 4 * HOUR_MILLISECONDS
      : !/^cron\(\s*0\s/.test(expression.trim());
  if (between) throw invalidParameter(`Invalid ScheduleExpression: ${expression}`);
  return schedule;
}
