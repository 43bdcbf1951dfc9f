// Runs operations: authorized by IAM, metered, on the cloud's clock; the same for requests, services and Terraform.
import { AwsError, notSupported } from './kernel/errors.ts';
import type { Identity } from './kernel/identity/identity.ts';
import type { Principal } from './kernel/identity/principal.ts';
import { uuid } from './kernel/ids.ts';
import type { Access, Call, Invoke, Kernel, Operation, Service } from './kernel/service.ts';

/** What a caller knows of its call. */
export interface Caller {
  readonly service: string;
  readonly operation: string;
  readonly principal: Principal;
  readonly region: string;
  readonly anyRegion?: Call['anyRegion'];
  readonly requestId?: string;
  readonly endpoint?: string;
  readonly line?: Call['line'];
  readonly headers?: Call['headers'];
  readonly via?: Call['via'];
  readonly sourceArn?: Call['sourceArn'];
  readonly signed?: Call['signed'];
  readonly onHangUp?: Call['onHangUp'];
}

export type CallKernel = Pick<Kernel, 'clock' | 'meter' | 'account' | 'endpoint' | 'calls'> & {
  readonly identity: Pick<Identity, 'authorize'>;
};

/** A call of this caller, now. */
export function createCall(kernel: CallKernel, caller: Caller): Call {
  return {
    service: caller.service,
    operation: caller.operation,
    region: caller.region,
    anyRegion: caller.anyRegion,
    account: kernel.account,
    principal: caller.principal,
    requestId: caller.requestId ?? uuid(),
    now: kernel.clock.now(),
    endpoint: caller.endpoint ?? kernel.endpoint(),
    line: caller.line,
    headers: caller.headers ?? {},
    via: caller.via,
    sourceArn: caller.sourceArn,
    signed: caller.signed,
    onHangUp: caller.onHangUp,
  };
}

/** Runs an operation that IAM has allowed, unless its input asks for what the service has not. */
export function runSupported<Output>(
  service: Service,
  operation: Operation,
  input: unknown,
  call: Call,
): Output | Promise<Output> {
  const given = (input ?? {}) as Readonly<Record<string, unknown>>;
  const refused = service.unsupported?.[call.operation]?.find((member) => isGiven(given[member]));
  if (refused !== undefined) {
    throw notSupported(`The ${service.name} action ${call.operation} is not supported here with ${refused}.`);
  }
  return operation.run(input, call) as Output | Promise<Output>;
}

// What is off, or holds nothing, is what it is without.
const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

/** Asks IAM, counts, lets `work` do it, then tells who listens. `input` is what the operation's `access` looks at. */
export async function perform<T>(
  kernel: CallKernel,
  call: Call,
  operation: Operation,
  input: unknown,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    const access = operation.access(input, call);
    if (call.principal.kind === 'anonymous' && !operation.unsigned) requirePolicy(access, call);
    kernel.identity.authorize(access, call);
    kernel.meter.add(call.service, `requests:${call.operation}`, call.region);
    const output = await work();
    kernel.calls.publish({ call, input, output, error: undefined });
    return output;
  } catch (error) {
    if (error instanceof AwsError) kernel.calls.publish({ call, input, output: undefined, error });
    throw error;
  }
}

// Only a resource's policy can let somebody in who does not say who they are. S3 has words of its own for it.
function requirePolicy(access: readonly Access[], { service, headers }: Call): void {
  if (service === 's3' || access.some(({ resourcePolicy }) => resourcePolicy !== undefined)) return;
  const json = headers['x-amz-target'] !== undefined;
  const code = json ? 'MissingAuthenticationTokenException' : 'MissingAuthenticationToken';
  throw new AwsError(code, 'Request is missing Authentication Token', { status: json ? 400 : 403 });
}

/** Calls between services and from Terraform, by the operations' own types. */
export function createInvoke(kernel: () => CallKernel, services: ReadonlyMap<string, Service>): Invoke {
  return async <Input, Output>(service: string, name: string, input: Input, as: Parameters<Invoke>[3]) => {
    const owner = services.get(service);
    const operation = owner?.operations[name];
    if (!owner || !operation) throw notSupported(`The ${service} action ${name} is not supported here.`);
    const call = createCall(kernel(), { service, operation: name, ...as });
    return perform(kernel(), call, operation, input, () => runSupported<Output>(owner, operation, input, call));
  };
}
