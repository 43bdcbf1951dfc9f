// Values read and written, and the labels of their versions.
import type {
  APIErrorType,
  BatchGetSecretValueRequest,
  GetRandomPasswordRequest,
  GetSecretValueRequest,
  GetSecretValueResponse,
  ListSecretVersionIdsRequest,
  PutSecretValueRequest,
  SecretValueEntry,
  UpdateSecretVersionStageRequest,
} from '@aws-sdk/client-secrets-manager';

import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onNothing, onSecret } from './access.ts';
import { invalidParameter, invalidRequest, notFound } from './errors.ts';
import { matchesFilters } from './filters.ts';
import { randomPassword } from './password.ts';
import { putVersion } from './put-version.ts';
import { dayOf } from './secret-operations.ts';
import type { SealedValue, Secret, Version } from './secrets.ts';
import { onPrimary, page, type SecretsManager } from './service.ts';
import { changeStage, CURRENT, versionAt } from './stages.ts';
import { openValue, valueMembers, valueOf } from './values.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
const BATCH_LIMIT = 20;

export function valueOperations(manager: SecretsManager) {
  const { kernel, secrets } = manager;

  const readAccess = (input: GetSecretValueRequest, call: Call): Access[] => [
    onSecret(secrets, 'GetSecretValue', input.SecretId, call, {
      'secretsmanager:VersionId': input.VersionId,
      'secretsmanager:VersionStage': input.VersionStage ?? CURRENT,
    }),
  ];
  const read = async (input: GetSecretValueRequest, call: Call): Promise<GetSecretValueResponse> => {
    const secret = secrets.requireLive(call, input.SecretId);
    const version = requireValue(secret, input);
    const bytes = await openValue(kernel, call, secret, version.id, version.value);
    remember(secret, version, call);
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      ...valueMembers(version.value, bytes),
      VersionStages: version.stages,
      CreatedDate: new Date(version.createdAt),
    };
  };
  // AWS keeps the day of the last access, so one write a day is enough.
  const remember = ({ arn }: Secret, { id, accessedAt }: Version, call: Call) => {
    if (isSameDay(accessedAt, call.now)) return;
    // Looked up again: KMS was asked meanwhile, and somebody may have changed the secret.
    const secret = secrets.find(call, arn);
    const version = secret?.versions.find((each) => each.id === id);
    if (!secret || !version) return;
    version.accessedAt = call.now;
    secrets.save(secret);
  };

  return {
    GetSecretValue: { access: readAccess, run: read },
    BatchGetSecretValue: {
      access: (input: BatchGetSecretValueRequest): Access[] => [
        onNothing('BatchGetSecretValue'),
        ...(input.Filters ? [onNothing('ListSecrets')] : []),
      ],
      // Each secret is allowed or denied, and found or not, on its own.
      run: async (input: BatchGetSecretValueRequest, call: Call) => {
        const { ids, rest } = batchOf(input, (filters) =>
          secrets
            .list(call.region)
            .filter(({ deletesAt }) => deletesAt === undefined)
            .filter((secret) => matchesFilters(secret, filters)),
        );
        const SecretValues: SecretValueEntry[] = [];
        const Errors: APIErrorType[] = [];
        for (const SecretId of ids) {
          try {
            kernel.identity.authorize(readAccess({ SecretId }, call), call);
            SecretValues.push(await read({ SecretId }, call));
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            Errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
          }
        }
        return { SecretValues, Errors, ...rest };
      },
    },
    PutSecretValue: onPrimary(manager, 'PutSecretValue', async (secret, input: PutSecretValueRequest, call) => {
      const value = valueOf(input);
      if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
      const id = input.ClientRequestToken ?? uuid();
      const stages = await putVersion(manager, call, secret, { id, value, stages: input.VersionStages });
      return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: stages };
    }),
    ListSecretVersionIds: {
      access: (input: ListSecretVersionIdsRequest, call: Call): Access[] => [
        onSecret(secrets, 'ListSecretVersionIds', input.SecretId, call),
      ],
      run: (input: ListSecretVersionIdsRequest, call: Call) => {
        const { arn, name, versions } = secrets.require(call, input.SecretId);
        const listed = versions.filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated);
        const { items, rest } = page(listed, ({ id }) => id, input);
        return {
          ARN: arn,
          Name: name,
          Versions: items.map((version) => ({
            VersionId: version.id,
            VersionStages: version.stages,
            CreatedDate: new Date(version.createdAt),
            LastAccessedDate: dayOf(version.accessedAt),
            ...(version.value && {
              KmsKeyIds: [version.value.byDefault ? 'DefaultEncryptionKey' : version.value.keyArn],
            }),
          })),
          ...rest,
        };
      },
    },
    UpdateSecretVersionStage: onPrimary(
      manager,
      'UpdateSecretVersionStage',
      (secret, input: UpdateSecretVersionStageRequest, call) => {
        changeStage(secret, {
          stage: input.VersionStage ?? '',
          from: input.RemoveFromVersionId,
          to: input.MoveToVersionId,
        });
        secret.changedAt = call.now;
        secrets.save(secret);
        return { ARN: secret.arn, Name: secret.name };
      },
      (input) => ({ 'secretsmanager:VersionStage': input.VersionStage }),
    ),
    GetRandomPassword: {
      access: (): Access[] => [onNothing('GetRandomPassword')],
      run: (input: GetRandomPasswordRequest) => ({ RandomPassword: randomPassword(input) }),
    },
  };
}

function requireValue(secret: Secret, input: GetSecretValueRequest): Version & { value: SealedValue } {
  const { VersionId: id, VersionStage: stage } = input;
  const version =
    id === undefined ? versionAt(secret, stage ?? CURRENT) : secret.versions.find((each) => each.id === id);
  if (!version?.value) {
    throw notFound(
      `the specified secret value for ${id === undefined ? `staging label: ${stage ?? CURRENT}` : `VersionId: ${id}`}`,
    );
  }
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return version as Version & { value: SealedValue };
}

function batchOf(
  input: BatchGetSecretValueRequest,
  find: (filters: BatchGetSecretValueRequest['Filters']) => readonly Secret[],
): { ids: string[]; rest: object } {
  const { SecretIdList: ids, Filters: filters } = input;
  if ((ids === undefined) === (filters === undefined)) {
    throw invalidParameter('Either SecretIdList or Filters has to be given, and not both.');
  }
  const { MaxResults: size, NextToken } = input;
  if (ids === undefined) {
    if (size !== undefined && (size < 1 || size > BATCH_LIMIT)) {
      throw invalidParameter(`MaxResults has to be between 1 and ${BATCH_LIMIT}.`);
    }
    const { items, rest } = page(find(filters), ({ arn }) => arn, { MaxResults: size ?? BATCH_LIMIT, NextToken });
    return { ids: items.map(({ arn }) => arn), rest };
  }
  if (size !== undefined || NextToken !== undefined) {
    throw invalidParameter('MaxResults and NextToken go with Filters.');
  }
  if (ids.length > BATCH_LIMIT) throw invalidParameter(`SecretIdList may have ${BATCH_LIMIT} members.`);
  return { ids, rest: {} };
}

const isSameDay = (left: number | undefined, right: number): boolean =>
  left !== undefined && new Date(left).toDateString() === new Date(right).toDateString();
