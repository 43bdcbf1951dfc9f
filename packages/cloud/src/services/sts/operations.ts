// Every STS operation that the cloud answers. https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
import type {
  DecodeAuthorizationMessageCommandInput,
  DecodeAuthorizationMessageCommandOutput,
  GetAccessKeyInfoCommandInput,
} from '@aws-sdk/client-sts';

import { AwsError } from '../../kernel/errors.ts';
import type { Identity } from '../../kernel/identity/identity.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { assumeRole } from './assume-role.ts';
import { createJwksSource } from './jwks.ts';
import { getFederationToken, getSessionToken } from './own-sessions.ts';
import { assumeRoleWithWebIdentity } from './web-identity.ts';

export type StsOperations = ReturnType<typeof stsOperations>;

export function stsOperations(identity: Identity, account: string) {
  return {
    AssumeRole: assumeRole(identity),
    AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity(identity, account, createJwksSource()),
    // Of the services here none answers an encoded message: that is EC2's way, so there is none to decode.
    DecodeAuthorizationMessage: {
      access: (): Access[] => [{ action: 'sts:DecodeAuthorizationMessage', resource: '*' }],
      run: (_input: DecodeAuthorizationMessageCommandInput): DecodeAuthorizationMessageCommandOutput => {
        throw new AwsError('InvalidAuthorizationMessageException', 'Message is not valid');
      },
    },
    GetAccessKeyInfo: {
      access: (): Access[] => [{ action: 'sts:GetAccessKeyInfo', resource: '*' }],
      run: (input: GetAccessKeyInfoCommandInput) => {
        if (!identity.keys.find(input.AccessKeyId ?? '')) {
          throw new AwsError('ValidationError', `Access key ${input.AccessKeyId} is not known`);
        }
        return { Account: account };
      },
    },
    // AWS lets every caller ask who it is, whatever its policies say.
    GetCallerIdentity: {
      access: (): Access[] => [],
      run: (_input: object, { principal }: Call) => {
        if (principal.kind === 'anonymous') {
          throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
        }
        return { UserId: principal.id, Account: account, Arn: principal.arn };
      },
    },
    GetFederationToken: getFederationToken(identity, account),
    GetSessionToken: getSessionToken(identity),
  };
}
