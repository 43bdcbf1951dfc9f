// A Lambda function with all that it needs to be run in earnest: a role of its own, a log that forgets, a URL, its queues.
import { LambdaEventSourceMapping } from '@cdktn/provider-aws/lib/lambda-event-source-mapping/index.js';
import { LambdaFunctionEventInvokeConfig } from '@cdktn/provider-aws/lib/lambda-function-event-invoke-config/index.js';
import { LambdaFunctionUrl } from '@cdktn/provider-aws/lib/lambda-function-url/index.js';
import { LambdaFunction } from '@cdktn/provider-aws/lib/lambda-function/index.js';
import { LambdaPermission } from '@cdktn/provider-aws/lib/lambda-permission/index.js';
import { Construct } from 'constructs';

import type { Archive } from '../delivery/zip.ts';
import type { Queue } from '../events/queue.ts';
import { LogGroup, type RetentionDays } from '../observability/log-group.ts';
import { validate, type Rule } from '../rules.ts';
import { Role } from '../security/role.ts';
import { anyResource, type Action, type CheckedStatement, type Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';

export interface FunctionProps {
  /** The function's name; its role's is the same, with the region behind it. */
  readonly name: string;
  /** What the function does; shown in the console. */
  readonly description: string;
  /** The program, by `bundleNode`. */
  readonly bundle: Archive;
  /** The file in the bundle and what it exports, e.g. `index.handler`. @default index.handler */
  readonly handler?: string;
  /** Variables that the program reads. Nothing secret: they are in the state. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Megabytes; the processor grows with them. @default 256 */
  readonly memoryMegabytes?: number;
  /** Seconds for one event. @default 10 */
  readonly timeoutSeconds?: number;
  /** How many events are handled at once, at most. @default as many as the account may */
  readonly concurrency?: number;
  /** Where events go that failed three times. @default nowhere: only a function that is invoked by events needs it */
  readonly failures?: Queue;
  /** Days after which a line of the log is forgotten. @default as a LogGroup */
  readonly logRetentionDays?: RetentionDays;
}

export interface ConsumeOptions {
  /** Messages in one event, 1 to 10000. @default 10 */
  readonly batchSize?: number;
  /** Seconds to wait for a batch to fill. @default 0 */
  readonly windowSeconds?: number;
  /** How many batches are handled at once, 2 to 1000. @default as many as there are */
  readonly concurrency?: number;
}

/**
 * A Node function on arm64 that logs JSON to a group of its own and traces its calls. What it may do is what it was granted,
 * to it as a grantee. The same bytes run on every target.
 */
export class Function extends Construct implements Grantee {
  readonly resource: LambdaFunction;
  readonly role: Role;
  readonly log: LogGroup;
  readonly name: string;
  readonly arn: string;
  readonly #timeoutSeconds: number;

  constructor(scope: Construct, id: string, props: FunctionProps) {
    super(scope, id);
    validate(RULES, props);
    const stack = Stack.of(this);
    this.name = props.name;
    this.arn = stack.arnOf('lambda', `function:${props.name}`);
    this.#timeoutSeconds = props.timeoutSeconds ?? 10;
    this.log = new LogGroup(this, 'Log', {
      name: `/aws/lambda/${props.name}`,
      ...(props.logRetentionDays !== undefined && { retentionDays: props.logRetentionDays }),
    });
    this.role = new Role(this, 'Role', {
      name: `${props.name}-${stack.region}`,
      assumedBy: 'lambda.amazonaws.com',
      description: `What ${props.name} may do`,
    });
    this.log.grantWrite(this.role);
    this.role.allow({
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      resources: [anyResource('AWS defines no resource for traces')],
    });
    this.resource = new LambdaFunction(this, 'Resource', {
      functionName: props.name,
      description: props.description,
      role: this.role.resource.arn,
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: props.handler ?? 'index.handler',
      filename: stack.addAsset(`${props.name}-${props.bundle.digest}.zip`, props.bundle.zip),
      sourceCodeHash: Buffer.from(props.bundle.digest, 'hex').toString('base64'),
      memorySize: props.memoryMegabytes ?? 256,
      timeout: this.#timeoutSeconds,
      ...(props.concurrency !== undefined && { reservedConcurrentExecutions: props.concurrency }),
      ...(props.environment && { environment: { variables: { ...props.environment } } }),
      loggingConfig: { logFormat: 'JSON', logGroup: this.log.name },
      tracingConfig: { mode: 'Active' },
      // A function that runs before its role's policy is there fails for no reason of its own.
      dependsOn: [this.log.resource],
    });
    if (props.failures) this.#sendFailures(props.failures);
  }

  /** Allows the function's role these actions on these resources. */
  allow<const A extends Action, const R extends string>(statement: CheckedStatement<A, R>): void {
    this.role.allow(statement);
  }

  /** Lets `to` invoke the function. */
  grantInvoke(to: Grantee): void {
    to.allow({ actions: ['lambda:InvokeFunction'], resources: [this.arn, `${this.arn}:*`] });
  }

  /** Lets an AWS service invoke the function for one resource of this account. */
  allowService(id: string, service: `${string}.amazonaws.com`, sourceArn: string): LambdaPermission {
    return new LambdaPermission(this, id, {
      action: 'lambda:InvokeFunction',
      functionName: this.resource.functionName,
      principal: service,
      sourceArn,
      sourceAccount: Stack.of(this).account,
    });
  }

  /** Gives the function an address that callers sign their requests to; `grantCall` says which. */
  url(): LambdaFunctionUrl {
    return new LambdaFunctionUrl(this, 'Url', {
      functionName: this.resource.functionName,
      authorizationType: 'AWS_IAM',
    });
  }

  /** Lets `to` call the function by its URL. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
  grantCall(to: Grantee): void {
    to.allow({
      actions: ['lambda:InvokeFunctionUrl'],
      resources: [this.arn],
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': ['AWS_IAM'] } },
    });
    to.allow({
      actions: ['lambda:InvokeFunction'],
      resources: [this.arn],
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': ['true'] } },
    });
  }

  /** Has the function handle the messages of a queue; the ones that it reports as failed come again, the others do not. */
  consume(queue: Queue, { batchSize = 10, windowSeconds = 0, concurrency }: ConsumeOptions = {}): void {
    validate(CONSUME_RULES, { name: this.name, timeoutSeconds: this.#timeoutSeconds, queue });
    queue.grantConsume(this.role);
    new LambdaEventSourceMapping(this, `from_${queue.node.id}`, {
      functionName: this.resource.functionName,
      eventSourceArn: queue.resource.arn,
      batchSize,
      ...(windowSeconds > 0 && { maximumBatchingWindowInSeconds: windowSeconds }),
      functionResponseTypes: ['ReportBatchItemFailures'],
      ...(concurrency !== undefined && { scalingConfig: { maximumConcurrency: concurrency } }),
      // Lambda asks the queue as the role whether it may poll.
      dependsOn: this.role.policies,
    });
  }

  #sendFailures(queue: Queue): void {
    queue.grantSend(this.role);
    new LambdaFunctionEventInvokeConfig(this, 'Failures', {
      functionName: this.resource.functionName,
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.resource.arn } },
    });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MEMORY_MEGABYTES = { least: 128, most: 10_240 };
const LONGEST_SECONDS = 900;

const RULES: readonly Rule<FunctionProps>[] = [
  {
    code: 'function-name',
    // The role's name, which holds the region too, is the shorter one.
    holds: ({ name }) => /^[\w-]{1,45}$/.test(name),
    says: ({ name }) => `'${name}' is not a function's name`,
    fix: 'Use up to 45 letters, digits, dashes and underscores.',
  },
  {
    code: 'function-handler',
    holds: ({ handler = 'index.handler' }) => /^[\w/-]+\.\w+$/.test(handler),
    says: ({ handler }) => `'${handler}' is not a handler`,
    fix: 'Write the file without its extension, a dot, and the export: index.handler.',
  },
  {
    code: 'function-memory',
    holds: ({ memoryMegabytes: size = 256 }) => size >= MEMORY_MEGABYTES.least && size <= MEMORY_MEGABYTES.most,
    says: ({ name, memoryMegabytes }) => `'${name}' would have ${memoryMegabytes} MB of memory`,
    fix: `Give ${MEMORY_MEGABYTES.least} to ${MEMORY_MEGABYTES.most} MB.`,
  },
  {
    code: 'function-timeout',
    holds: ({ timeoutSeconds: seconds = 10 }) =>
      Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_SECONDS,
    says: ({ name, timeoutSeconds }) => `'${name}' would have ${timeoutSeconds} seconds for an event`,
    fix: `Give 1 to ${LONGEST_SECONDS} seconds.`,
  },
];

interface Consuming {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly queue: Queue;
}

const CONSUME_RULES: readonly Rule<Consuming>[] = [
  {
    code: 'function-queue-visibility',
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    holds: ({ timeoutSeconds, queue }) => queue.visibilityTimeoutSeconds >= timeoutSeconds,
    says: ({ name, timeoutSeconds, queue }) =>
      `'${name}' has ${timeoutSeconds} seconds for an event, but messages of '${queue.name}' are hidden for ${queue.visibilityTimeoutSeconds} only`,
    fix: 'Hide them for at least as long, best six times: visibilityTimeoutSeconds.',
  },
];
