// AWS Security Token Service.
//
// Answers: GetCallerIdentity, AssumeRole, GetSessionToken, GetAccessKeyInfo.
// Gaps: federation (SAML, web identity, GetFederationToken), DecodeAuthorizationMessage, AssumeRoot (501).
// By design: sessions end on the cloud's clock.
import type { Kernel, Service } from '../../kernel/service.ts';
import { stsOperations } from './operations.ts';

export const sts = ({ identity, account }: Kernel): Service => ({
  name: 'sts',
  client: 'sts',
  operations: stsOperations(identity, account),
  resources: [],
});
