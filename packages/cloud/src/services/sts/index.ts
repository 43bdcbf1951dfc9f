// AWS Security Token Service.
//
// Answers: GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken, GetFederationToken,
// GetAccessKeyInfo, DecodeAuthorizationMessage.
// Gaps: SAML federation, AssumeRoot, GetWebIdentityToken, GetDelegatedAccessToken (501).
// By design: sessions end on the cloud's clock; the account's root, who is the administrator here, may assume roles that
// trust the account; no service here answers encoded authorization messages, so none decodes.
import type { Kernel, Service } from '../../kernel/service.ts';
import { stsOperations } from './operations.ts';

export const sts = ({ identity, account }: Kernel): Service => ({
  name: 'sts',
  client: 'sts',
  operations: stsOperations(identity, account),
  unsupported: {
    AssumeRole: ['ProvidedContexts', 'MinimumSessionTokenSize'],
    AssumeRoleWithWebIdentity: ['ProviderId', 'MinimumSessionTokenSize'],
    GetFederationToken: ['MinimumSessionTokenSize'],
    GetSessionToken: ['MinimumSessionTokenSize'],
  },
  resources: [],
});
