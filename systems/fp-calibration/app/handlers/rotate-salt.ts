// Secrets Manager's rotation: makes a new salt, the first one too.
// IAM: see secret-versions.ts.
import { randomBytes } from 'node:crypto';

import type { InvocationContext } from '../aws/http.ts';
import { secretVersions } from '../aws/secret-versions.ts';
import { setting } from '../aws/settings.ts';
import { logger, measure, observed } from '../aws/telemetry.ts';
import { rotate, ROTATION_STEPS } from '../domain/rotation.ts';

export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

export const handler = ({ Step, SecretId, ClientRequestToken }: RotationEvent, { awsRequestId }: InvocationContext) =>
  observed(awsRequestId, async () => {
    const step = ROTATION_STEPS.find((each) => each === Step);
    if (step === undefined) throw new Error(`'${Step}' is no step of a rotation`);
    // The role may touch no other secret; who asks for one has mistaken the function.
    if (!isOurs(SecretId)) throw new Error('This function rotates another secret');
    const call = { step, secretId: SecretId, token: ClientRequestToken, now: Date.now(), randomBytes };
    if (await rotate(secretVersions, call)) {
      logger.info('There is a new salt');
      measure('saltRotated', 1);
    }
  });

/** The ARN of a secret ends with its name, a dash and six characters. */
function isOurs(secretId: string): boolean {
  const ours = setting('saltSecret');
  return secretId === ours || (secretId.split(':secret:')[1] ?? '').replace(/-\w{6}$/, '') === ours;
}
