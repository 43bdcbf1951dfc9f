// What an operation on a bus or a rule needs allowed.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import { busArn, ruleArn } from './arns.ts';
import { busName, DEFAULT_BUS, type Buses } from './buses.ts';
import type { Rules } from './rules.ts';

type Context = NonNullable<Access['context']>;

export class Guard {
  readonly #buses: Buses;
  readonly #rules: Rules;

  constructor(buses: Buses, rules: Rules) {
    this.#buses = buses;
    this.#rules = rules;
  }

  bus(action: string, nameOrArn: string | undefined, call: Call, context?: Context): Access {
    return this.arn(action, busArn(call, busName(nameOrArn ?? DEFAULT_BUS)), call, context);
  }

  rule(
    action: string,
    { bus = DEFAULT_BUS, name = '' }: { readonly bus: string | undefined; readonly name: string | undefined },
    call: Call,
    context?: Context,
  ): Access {
    return this.arn(action, ruleArn(call, busName(bus), name), call, context);
  }

  /** On the bus or the rule with this ARN, which need not exist. */
  arn(action: string, arn: string, call: Call, context: Context = {}): Access {
    const facts = this.describe(arn, call);
    return { action: `events:${action}`, resource: arn, ...facts, context: { ...facts?.context, ...context } };
  }

  /** What IAM has to know of a bus or a rule; a bus's policy speaks of its rules as well. */
  describe(arn: string, { account }: Call): ResourceFacts | undefined {
    const [, region = '', kind, path = ''] = /^arn:aws:events:([^:]*):\d{12}:(event-bus|rule)\/(.+)$/.exec(arn) ?? [];
    if (kind === undefined) return undefined;
    const [name = '', owner = DEFAULT_BUS] = path.split('/').toReversed();
    const bus = this.#buses.find(region, kind === 'event-bus' ? path : owner);
    const rule = kind === 'rule' ? this.#rules.find(region, owner, name) : undefined;
    return {
      ...(bus?.policy !== undefined && { resourcePolicy: bus.policy }),
      context: {
        ...resourceTags((kind === 'rule' ? rule : bus)?.tags ?? {}),
        ...(rule && { 'events:creatorAccount': account }),
      },
    };
  }
}

/** The right to hand a role to EventBridge. */
export const passRole = (role: string | undefined): Access[] =>
  role === undefined
    ? []
    : [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'events.amazonaws.com' } }];

/** What an event says of itself to IAM. */
export const eventContext = (
  source: string | undefined,
  detailType: string | undefined,
  fromBus: boolean,
): Context => ({
  'events:source': source,
  'events:detail-type': detailType,
  'events:eventBusInvocation': String(fromBus),
});

/** The fields of a rule's pattern that policies may speak of, by the condition keys' names after `events:`. */
const PATTERN_KEYS = [
  'source',
  'detail-type',
  'detail.service',
  'detail.eventTypeCode',
  'detail.userIdentity.principalId',
];

/**
 * What a rule's pattern asks for, as far as it names it in plain words.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
 */
export function patternContext(pattern: string | undefined): Context {
  let parsed: unknown;
  try {
    parsed = JSON.parse(pattern || '{}');
  } catch (error) {
    // Said so when the pattern is compiled.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
  const valueAt = (path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | null)?.[name], parsed);
  return Object.fromEntries(
    PATTERN_KEYS.map((path) => [`events:${path}`, [valueAt(path)].flat().filter((value) => typeof value === 'string')]),
  );
}
