// What an operation on a secret needs allowed.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
import { prefixed, resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import type { Secret, Secrets } from './secrets.ts';

export type Context = NonNullable<Access['context']>;

/** On the secret that a request names, with the condition keys of the request. */
export function onSecret(
  secrets: Secrets,
  operation: string,
  id: string | undefined,
  call: Call,
  context: Context = {},
): Access {
  const secret = secrets.find(call, id ?? '');
  const action = `secretsmanager:${operation}`;
  if (!secret) return { action, resource: unknownArn(call, id ?? ''), context };
  const facts = factsOf(secret);
  return { action, resource: secret.arn, ...facts, context: { ...facts.context, ...context } };
}

export const onNothing = (operation: string): Access => ({ action: `secretsmanager:${operation}`, resource: '*' });

/** The ARN of a secret whose random end nobody knows, as policies write it. */
export const unknownArn = ({ region, account }: Call, name: string): string =>
  name.startsWith('arn:') ? name : `arn:aws:secretsmanager:${region}:${account}:secret:${name}-??????`;

export const factsOf = (secret: Secret): ResourceFacts => ({
  ...(secret.policy !== undefined && { resourcePolicy: secret.policy }),
  context: {
    ...resourceTags(secret.tags),
    ...prefixed('secretsmanager:ResourceTag/', secret.tags),
    'secretsmanager:SecretId': secret.arn,
    'secretsmanager:SecretPrimaryRegion': secret.region,
    'secretsmanager:resource/AllowRotationLambdaArn': secret.rotation?.functionArn,
  },
});
