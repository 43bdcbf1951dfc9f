// Events on their way to targets: kept until they arrive, tried again at growing distances, and dead letters at the end.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import type { BusEvent } from './event.ts';
import type { Rule } from './rules.ts';
import { inputFor } from './target-input.ts';
import { isBus, tell, type Message } from './targets.ts';

interface Delivery extends Message {
  readonly rule: string;
  readonly region: string;
  readonly event: BusEvent;
  readonly startedAt: number;
  readonly attempts: number;
}

/** Hands an event on to another bus. */
export type Forward = (message: Message, event: BusEvent) => void;

/** What a rule's target allows where it says nothing. */
const MOST_ATTEMPTS = 185;
const LONGEST_SECONDS = 86_400;

const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 15 * 60_000;

/** Errors that trying again does not mend. */
const FINAL =
  /AccessDenied|AuthorizationError|NotAuthorized|NotFound|NonExistent|NoSuch|Validation|InvalidParameter|NotImplemented/;

export class Deliveries {
  readonly #kernel: Kernel;
  readonly #deliveries: Collection<Delivery>;
  readonly #forward: Forward;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(kernel: Kernel, forward: Forward) {
    this.#kernel = kernel;
    this.#deliveries = kernel.store.collection('events.deliveries');
    this.#forward = forward;
  }

  /** Takes an event on for every target of a rule: durable when this returns, told when the answer resolves. */
  begin(rule: Rule, event: BusEvent, trace?: string): Promise<void> {
    const now = this.#kernel.clock.now();
    this.#measure('MatchedEvents', rule.region, rule.name);
    this.#measure('TriggeredRules', rule.region, rule.name);
    const ids = rule.targets.map((target) => {
      const id = uuid();
      const input = inputFor(target, event, rule, now);
      const { arn: sourceArn, name, region } = rule;
      const about = { rule: name, region, event, startedAt: now, attempts: 0 };
      this.#deliveries.put(id, { target, input, sourceArn, ...(trace !== undefined && { trace }), ...about });
      return id;
    });
    return this.#soon(ids);
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    void this.#soon(this.#deliveries.list().map(({ key }) => key));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  // Not within the transaction in which the event was taken on.
  #soon(ids: readonly string[]): Promise<void> {
    const work = new Promise((resolve) => setImmediate(resolve))
      .then(() => Promise.all(ids.map((id) => this.#deliver(id))))
      .then(() => {})
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
    this.#kernel.clock.hold(work);
    return work;
  }

  async #deliver(id: string): Promise<void> {
    const delivery = this.#stopped ? undefined : this.#deliveries.get(id);
    if (!delivery) return;
    this.#measure('Invocations', delivery.region, delivery.rule);
    try {
      if (isBus(delivery.target.Arn)) this.#forward(delivery, delivery.event);
      else await tell(this.#kernel, delivery);
      if (!this.#stopped) this.#deliveries.delete(id);
    } catch (error) {
      if (!this.#stopped) await this.#fail(id, delivery, error as Error);
    }
  }

  async #fail(id: string, delivery: Delivery, error: Error): Promise<void> {
    const { clock, log } = this.#kernel;
    const { RetryPolicy: policy, DeadLetterConfig: dead } = delivery.target;
    const attempts = delivery.attempts + 1;
    const wait = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** delivery.attempts, LONGEST_RETRY_MILLISECONDS);
    const end = delivery.startedAt + (policy?.MaximumEventAgeInSeconds ?? LONGEST_SECONDS) * 1_000;
    const spent = attempts > (policy?.MaximumRetryAttempts ?? MOST_ATTEMPTS);
    if (!spent && !FINAL.test(error.name) && clock.now() + wait <= end) {
      this.#deliveries.put(id, { ...delivery, attempts });
      clock.at(clock.now() + wait, () => this.#deliver(id));
      return;
    }
    this.#measure('FailedInvocations', delivery.region, delivery.rule);
    log('events.delivery-failed', { rule: delivery.sourceArn, target: delivery.target.Arn, reason: error.message });
    if (dead?.Arn) {
      const condition = spent ? 'MaximumRetryAttempts' : FINAL.test(error.name) ? undefined : 'MaximumEventAge';
      await this.#bury(delivery, dead.Arn, error, condition);
    }
    if (!this.#stopped) this.#deliveries.delete(id);
  }

  async #bury(delivery: Delivery, queueArn: string, error: Error, condition: string | undefined): Promise<void> {
    const [, , , region = '', account = '', name = ''] = queueArn.split(':');
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    const message = {
      QueueUrl: `${this.#kernel.endpoint()}/${account}/${name}`,
      MessageBody: JSON.stringify(delivery.event),
      MessageAttributes: {
        RULE_ARN: text(delivery.sourceArn),
        TARGET_ARN: text(delivery.target.Arn),
        ERROR_CODE: text(error.name),
        ERROR_MESSAGE: text(error.message),
        RETRY_ATTEMPTS: text(String(delivery.attempts)),
        ...(condition !== undefined && { EXHAUSTED_RETRY_CONDITION: text(condition) }),
      },
    };
    const as = {
      principal: servicePrincipal(this.#kernel.account, 'events.amazonaws.com'),
      region,
      sourceArn: delivery.sourceArn,
    };
    await this.#kernel.invoke('sqs', 'SendMessage', message, as).then(
      () => this.#measure('InvocationsSentToDlq', delivery.region, delivery.rule),
      (lost: Error) => {
        this.#measure('InvocationsFailedToBeSentToDlq', delivery.region, delivery.rule);
        this.#kernel.log('events.dead-letter-lost', {
          rule: delivery.sourceArn,
          queue: queueArn,
          reason: lost.message,
        });
      },
    );
  }

  #measure(name: string, region: string, rule: string): void {
    this.#kernel.measurements.publish({
      namespace: 'AWS/Events',
      name,
      region,
      dimensions: { RuleName: rule },
      value: 1,
      unit: 'Count',
    });
  }
}
