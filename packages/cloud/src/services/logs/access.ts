// What an operation on a log group or a log stream needs allowed.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import { groupArn } from './group-name.ts';
import type { LogGroups } from './log-groups.ts';
import type { ResourcePolicies } from './resource-policies.ts';

type Context = NonNullable<Access['context']>;

export class Guard {
  readonly #groups: LogGroups;
  readonly #policies: ResourcePolicies;

  constructor(groups: LogGroups, policies: ResourcePolicies) {
    this.#groups = groups;
    this.#policies = policies;
  }

  group(action: string, name: string, call: Call, context?: Context): Access {
    return this.arn(action, `${groupArn(call, name)}:*`, call, context);
  }

  stream(action: string, group: string, stream: string | undefined, call: Call): Access {
    return this.arn(action, `${groupArn(call, group)}:log-stream:${stream}`, call);
  }

  /** On the group or the stream with this ARN, which need not exist. */
  arn(action: string, arn: string, call: Call, context: Context = {}): Access {
    const facts = this.describe(arn, call);
    return { action: `logs:${action}`, resource: arn, ...facts, context: { ...facts?.context, ...context } };
  }

  /** What IAM has to know of a group, whose tags it has, or of a stream, whose region may let services in. */
  describe(arn: string, { principal }: Call): ResourceFacts | undefined {
    const [, region, path = ''] = /^arn:aws:logs:([^:]*):\d{12}:log-group:(.+)$/.exec(arn) ?? [];
    if (region === undefined) return undefined;
    const [group = '', stream] = path.split(':log-stream:');
    if (stream === undefined) {
      return { context: resourceTags(this.#groups.find(region, group.replace(/:\*$/, ''))?.tags ?? {}) };
    }
    // Resource policies are for AWS services alone; nobody else's call has to look for them.
    return { resourcePolicy: principal.kind === 'service' ? this.#policies.of(region) : undefined };
  }
}
