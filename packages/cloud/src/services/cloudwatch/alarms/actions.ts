// What an alarm does at a new state: topics and functions are told, each kept until it was tried.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
import { unsupported } from '../../../kernel/errors.ts';
import { servicePrincipal } from '../../../kernel/identity/principal.ts';
import { uuid } from '../../../kernel/ids.ts';
import type { Kernel } from '../../../kernel/service.ts';
import type { Collection } from '../../../kernel/store.ts';
import { validation } from '../errors.ts';
import type { Alarm, StateSnapshot } from './alarm.ts';
import type { AlarmHistory } from './history.ts';
import { functionEvent, messageOf, subjectOf } from './notification.ts';

interface Action {
  readonly alarm: Alarm;
  readonly left: StateSnapshot;
  readonly target: string;
}

type Tell = (kernel: Kernel, action: Action) => Promise<unknown>;

/** By the service in the target's ARN. */
const TELL: Readonly<Record<string, Tell>> = {
  sns: (kernel, action) =>
    tellAs('cloudwatch.amazonaws.com', kernel, action, 'sns', 'Publish', {
      TopicArn: action.target,
      Subject: subjectOf(action.alarm, action.alarm.state),
      Message: messageOf(action.alarm, action.left, kernel.account),
    }),
  lambda: (kernel, action) =>
    tellAs('lambda.alarms.cloudwatch.amazonaws.com', kernel, action, 'lambda', 'Invoke', {
      FunctionName: action.target,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(functionEvent(action.alarm, action.left, kernel.account))),
    }),
};

/** What AWS takes besides topics and functions. */
const KNOWN_KINDS = ['automate', 'autoscaling', 'ssm', 'ssm-incidents', 'swf', 'aiops', 'ec2'];

const MOST_ACTIONS = 5;

/** Refuses an action that would never be carried out. */
export function checkActions(actions: readonly string[], member: string): void {
  if (actions.length > MOST_ACTIONS) {
    throw validation(`The collection ${member} must not have a size greater than ${MOST_ACTIONS}.`);
  }
  for (const action of actions) {
    const [arn, , service = '', , , name] = action.split(':');
    if (arn === 'arn' && KNOWN_KINDS.includes(service)) throw unsupported(`An action of ${service} (${action})`);
    if (arn !== 'arn' || !Object.hasOwn(TELL, service) || !name) {
      throw validation(`Invalid arn syntax: ${action}`);
    }
  }
}

export class Actions {
  readonly #kernel: Kernel;
  readonly #history: AlarmHistory;
  readonly #pending: Collection<Action>;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(kernel: Kernel, history: AlarmHistory) {
    this.#kernel = kernel;
    this.#history = history;
    this.#pending = kernel.store.collection('cloudwatch.actions');
  }

  /** Takes on what an alarm does at its state: durable when this returns; the answer's call carries it out. */
  begin(alarm: Alarm, left: StateSnapshot): (() => Promise<void>) | undefined {
    const targets = alarm.actions[alarm.state];
    if (targets.length === 0) return undefined;
    const ids = targets.map((target) => {
      const id = uuid();
      this.#pending.put(id, { alarm, left, target });
      return id;
    });
    return () => this.#all(ids);
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    void this.#all(this.#pending.list().map(({ key }) => key));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #all(ids: readonly string[]): Promise<void> {
    const work = Promise.all(ids.map((id) => this.#carryOut(id))).then(() => {});
    this.#running.add(work);
    await work.finally(() => this.#running.delete(work));
  }

  async #carryOut(id: string): Promise<void> {
    const action = this.#stopped ? undefined : this.#pending.get(id);
    if (!action) return;
    const service = action.target.split(':')[2]!;
    const failure = await TELL[service]!(this.#kernel, action).then(
      () => undefined,
      (error: Error) => error.message,
    );
    this.#kernel.store.transaction(() => {
      this.#pending.delete(id);
      this.#record(action, failure);
    });
  }

  #record({ alarm, target }: Action, failure: string | undefined): void {
    const summary =
      failure === undefined
        ? `Successfully executed action ${target}`
        : `Failed to execute action ${target}. Received error: "${failure}"`;
    this.#history.add(alarm, 'Action', summary, {
      actionState: failure === undefined ? 'Succeeded' : 'Failed',
      stateUpdateTimestamp: alarm.stateUpdatedAt,
      notificationResource: target,
      ...(failure !== undefined && { error: failure }),
    });
    if (failure !== undefined)
      this.#kernel.log('cloudwatch.action-failed', { alarm: alarm.name, target, reason: failure });
  }
}

function tellAs(
  principal: string,
  { account, invoke }: Kernel,
  { alarm, target }: Action,
  service: string,
  operation: string,
  input: object,
): Promise<unknown> {
  const region = target.split(':')[3] || alarm.region;
  return invoke(service, operation, input, {
    principal: servicePrincipal(account, principal),
    region,
    sourceArn: alarm.arn,
  });
}
