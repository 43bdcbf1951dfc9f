// AWS Secrets Manager.
//
// Answers: secrets, their versions and staging labels, values under KMS as their caller, listing with filters, deletion
// with a recovery window on the cloud's clock, resource policies, random passwords, rotation by a Lambda function, replicas in other regions.
// Gaps: secrets that other companies manage (501).
// By design: a rotation that fails is tried again every hour; values are read back by decrypting their data key with KMS
// each time, so a denied or deleted key denies the secret at once.
import type { Kernel, Service } from '../../kernel/service.ts';
import { factsOf } from './access.ts';
import { secretsManagerDataSources } from './data-sources.ts';
import { measureHourly } from './measurements.ts';
import { secretsManagerOperations } from './operations.ts';
import { secretsManagerResources } from './resources.ts';
import { createSecretsManager } from './service.ts';

export function secretsManager(kernel: Kernel): Service {
  const manager = createSecretsManager(kernel);
  let stopMeasuring = () => {};
  return {
    name: 'secretsmanager',
    client: 'secrets-manager',
    operations: secretsManagerOperations(manager),
    unsupported: {
      CreateSecret: ['Type'],
      UpdateSecret: ['Type'],
      RotateSecret: ['ExternalSecretRotationMetadata', 'ExternalSecretRotationRoleArn'],
    },
    resources: secretsManagerResources,
    dataSources: secretsManagerDataSources,
    describeResource: (arn, _action, call) => {
      if (!arn.startsWith('arn:aws:secretsmanager:')) return undefined;
      const secret = manager.secrets.find(call, arn);
      return secret && factsOf(secret);
    },
    start: () => {
      manager.times.start();
      stopMeasuring = measureHourly(kernel, manager.secrets);
    },
    stop: async () => {
      stopMeasuring();
      manager.times.stop();
      await manager.rotations.idle();
    },
  };
}
