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

/** Throws where an input asks for what the service has not. */
export function refuseUnsupported(service: Service, operation: string, input: unknown): void {
  const refused = service.unsupported?.[operation]?.filter((path) => brings(input, path.split('.'))) ?? [];
  if (refused.length > 0)
    throw notSupported(`The ${service.name} action ${operation} is not supported here with ${refused.join(', ')}.`);
}

/**
 * Whether there is anything at `path`, in any of the items where lists are on the way. What is off, or holds nothing, is
 * nothing.
 */
function brings(value: unknown, [member, ...rest]: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((item) => brings(item, member === undefined ? [] : [member, ...rest]));
  if (member === undefined) return value !== undefined && value !== false;
  return isStructure(value) && brings(value[member], rest);
}

const isStructure = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

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

/** The operation, if the cloud has it, and everything that the input asks of it. */
export function liveOperation(
  services: ReadonlyMap<string, Service>,
  service: string,
  name: string,
  input: unknown,
): Operation {
  const owner = services.get(service);
  const operation = owner?.operations[name];
  if (!owner || !operation) throw notSupported(`The ${service} action ${name} is not supported here.`);
  refuseUnsupported(owner, name, input);
  return operation;
}

/** Calls between services and from Terraform, by the operations' own types. */
export function createInvoke(kernel: () => CallKernel, services: ReadonlyMap<string, Service>): Invoke {
  return async <Input, Output>(service: string, name: string, input: Input, as: Parameters<Invoke>[3]) => {
    const operation = liveOperation(services, service, name, input);
    const call = createCall(kernel(), { service, operation: name, ...as });
    return perform(kernel(), call, operation, input, () => operation.run(input, call) as Output | Promise<Output>);
  };
}
