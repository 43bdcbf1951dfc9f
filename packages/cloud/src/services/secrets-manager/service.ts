// What the operations of Secrets Manager share: its parts, and how a request comes by its secret.
import { pageInOrder } from '../../kernel/page.ts';
import type { Call, Kernel, Operation } from '../../kernel/service.ts';
import { onSecret, type Context } from './access.ts';
import { invalidParameter, invalidToken } from './errors.ts';
import { Replicas, requirePrimary } from './replicas.ts';
import { Rotations } from './rotation.ts';
import { Secrets, type Secret } from './secrets.ts';
import { SecretTimes } from './times.ts';

export interface SecretsManager {
  readonly kernel: Kernel;
  readonly secrets: Secrets;
  readonly times: SecretTimes;
  readonly rotations: Rotations;
  readonly replicas: Replicas;
}

export function createSecretsManager(kernel: Kernel): SecretsManager {
  const secrets = new Secrets(kernel.store);
  const times = new SecretTimes(secrets, kernel.clock, (secret) => rotations.begin(secret));
  const rotations: Rotations = new Rotations(kernel, secrets, (secret) => times.arm(secret));
  return { kernel, secrets, times, rotations, replicas: new Replicas(kernel, secrets) };
}

interface SecretInput {
  SecretId: string | undefined;
}

/** An operation on the secret that its input names, allowed by one action of its own name. */
export function onOne<Input extends SecretInput, Output>(
  { secrets }: SecretsManager,
  operation: string,
  run: (secret: Secret, input: Input, call: Call) => Output,
  context: (input: Input) => Context = () => ({}),
): Operation<Input, Awaited<Output>> {
  return {
    access: (input, call) => [onSecret(secrets, operation, input.SecretId, call, context(input))],
    run: (input, call) => run(secrets.requireLive(call, input.SecretId), input, call) as Awaited<Output>,
  };
}

/** An operation that changes a secret, and with it its replicas. */
export const onPrimary = <Input extends SecretInput, Output>(
  manager: SecretsManager,
  operation: string,
  run: (secret: Secret, input: Input, call: Call) => Output,
  context: (input: Input) => Context = () => ({}),
): Operation<Input, Awaited<Output>> =>
  onOne(
    manager,
    operation,
    async (secret, input: Input, call) => {
      requirePrimary(secret);
      const output = await run(secret, input, call);
      await manager.replicas.sync(call, secret.arn);
      return output;
    },
    context,
  );

export interface PageInput {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxResults: size = 100, NextToken }: PageInput,
) {
  if (size < 1 || size > 100) throw invalidParameter('MaxResults has to be between 1 and 100.');
  const found = pageInOrder(items, keyOf, size, NextToken);
  if (!found) throw invalidToken();
  return { items: found.items, rest: found.token === undefined ? {} : { NextToken: found.token } };
}
