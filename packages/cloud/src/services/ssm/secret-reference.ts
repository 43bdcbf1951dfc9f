// Secrets of Secrets Manager read as parameters: `/aws/reference/secretsmanager/<secret>`.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
import type { Parameter } from '@aws-sdk/client-ssm';

import { AwsError } from '../../kernel/errors.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import type { Client } from '../../terraform/resource.ts';
import type { SecretsManagerOperations } from '../secrets-manager/operations.ts';
import { notFound, validation } from './errors.ts';

const PREFIX = '/aws/reference/secretsmanager/';

export const isSecretReference = (name: string): boolean => name.startsWith(PREFIX);

/** The secret as a parameter, read as the caller: who may not read the secret gets nothing here either. */
export async function readSecretReference(
  { invoke }: Pick<Kernel, 'invoke'>,
  call: Call,
  name: string,
  withDecryption: boolean,
): Promise<Parameter> {
  if (!withDecryption) throw validation('WithDecryption flag must be True for retrieving a Secret Manager secret.');
  const [id = '', selector] = name.slice(PREFIX.length).split(':');
  const as = { principal: call.principal, region: call.region, via: [...(call.via ?? []), 'ssm'] };
  const secretsManager: Client<SecretsManagerOperations> = (operation, input) =>
    invoke('secretsmanager', operation, input, as);
  const isVersion = /^[\w]{8}(-\w{4}){3}-\w{12}$/.test(selector ?? '');
  try {
    const secret = await secretsManager('GetSecretValue', {
      SecretId: id,
      VersionId: isVersion ? selector : undefined,
      VersionStage: isVersion ? undefined : selector,
    });
    if (secret.SecretString === undefined) {
      throw validation(`The secret ${id} is binary, which a parameter cannot be.`);
    }
    return {
      Name: PREFIX + id,
      Type: 'SecureString',
      Value: secret.SecretString,
      Version: 0,
      ...(selector !== undefined && { Selector: `:${selector}` }),
      SourceResult: JSON.stringify(secret),
      LastModifiedDate: secret.CreatedDate,
      ARN: secret.ARN,
    };
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
    throw notFound(`An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${name} not found.`);
  }
}
