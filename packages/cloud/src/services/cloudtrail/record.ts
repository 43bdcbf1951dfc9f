// A call as CloudTrail records it.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
import type { FinishedCall } from '../../kernel/feed.ts';
import type { Principal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Call } from '../../kernel/service.ts';
import { eventName } from './event-names.ts';
import { answersItsReads, isData, isRead } from './kinds.ts';
import { resourcesOf, type TrailResource } from './named-resources.ts';

/** JSON, in CloudTrail's spelling. */
export interface TrailRecord {
  readonly eventVersion: string;
  readonly userIdentity: Readonly<Record<string, unknown>>;
  /** ISO 8601, to the second. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: unknown;
  readonly responseElements: unknown;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly TrailResource[];
  readonly eventType: 'AwsApiCall';
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management' | 'Data';
}

const EVENT_VERSION = '1.11';

/** `parameters` and `elements` are the call's input and output without what nobody may see. */
export function recordOf({ call, error }: FinishedCall, parameters: unknown, elements: unknown): TrailRecord {
  const { service, operation, region, account } = call;
  const readOnly = isRead(service, operation);
  const data = isData(service, operation);
  const invokedBy = call.via?.at(-1);
  const caller = call.principal.kind === 'service' ? call.principal.name : undefined;
  const through = caller ?? (invokedBy && `${invokedBy}.amazonaws.com`);
  const resources = resourcesOf(service, parameters, call);
  return {
    eventVersion: EVENT_VERSION,
    userIdentity: {
      ...identityOf(call.principal, accessKeyOf(call)),
      ...(through !== undefined && { invokedBy: through }),
    },
    eventTime: `${new Date(call.now).toISOString().slice(0, 19)}Z`,
    eventSource: eventSource(service),
    eventName: eventName(service, operation),
    awsRegion: region,
    sourceIPAddress: through ?? '127.0.0.1',
    userAgent: through ?? call.headers['user-agent'] ?? 'plinth',
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    requestParameters: parameters,
    // Of calls that read, CloudTrail keeps no answer.
    responseElements: (readOnly && !answersItsReads(service, operation)) || error ? null : elements,
    requestID: call.requestId,
    eventID: uuid(),
    readOnly,
    ...(resources.length > 0 && { resources }),
    eventType: 'AwsApiCall',
    managementEvent: !data,
    recipientAccountId: account,
    eventCategory: data ? 'Data' : 'Management',
  };
}

/** The name by which somebody is looked up. */
export function userNameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'root':
      return 'root';
    case 'user':
    case 'federated-user':
    case 'service':
      return principal.name;
    case 'session':
      return principal.sessionName;
    default:
      return principal.id;
  }
}

/** Services whose events come from another name than the one they are signed for. */
const SOURCES: Readonly<Record<string, string>> = {
  'dynamodb-streams': 'dynamodb',
  cloudwatch: 'monitoring',
};

const eventSource = (service: Call['service']): string => `${SOURCES[service] ?? service}.amazonaws.com`;

/** The access key in the signature's header; undefined where a call has none, or comes from inside. */
export function accessKeyOf({ headers }: Call): string | undefined {
  const { authorization = '' } = headers;
  return (/Credential=([^/,\s]+)\//.exec(authorization) ?? /^AWS ([^:]+):/.exec(authorization))?.[1];
}

function identityOf(principal: Principal, accessKeyId: string | undefined): Record<string, unknown> {
  const { account: accountId, arn, id: principalId } = principal;
  const known = { principalId, arn, accountId, ...(accessKeyId !== undefined && { accessKeyId }) };
  const sessionOf = (issuer: object, more: object = {}) => ({
    sessionContext: {
      sessionIssuer: issuer,
      ...more,
      attributes: {
        mfaAuthenticated: 'false',
        ...('issuedAt' in principal &&
          principal.issuedAt !== undefined && {
            creationDate: `${new Date(principal.issuedAt).toISOString().slice(0, 19)}Z`,
          }),
      },
    },
  });
  switch (principal.kind) {
    case 'root':
      return { type: 'Root', ...known };
    case 'user':
      return { type: 'IAMUser', ...known, userName: principal.name };
    case 'federated-user':
      return {
        type: 'FederatedUser',
        ...known,
        ...sessionOf(
          principal.issuer.kind === 'user'
            ? {
                type: 'IAMUser',
                principalId: principal.issuer.id,
                arn: `arn:aws:iam::${accountId}:user/${principal.issuer.name}`,
                accountId,
                userName: principal.issuer.name,
              }
            : { type: 'Root', principalId: accountId, arn: `arn:aws:iam::${accountId}:root`, accountId },
        ),
      };
    case 'session':
      return {
        type: 'AssumedRole',
        ...known,
        ...sessionOf(
          {
            type: 'Role',
            principalId: principalId.split(':')[0],
            arn: principal.roleArn,
            accountId,
            userName: principal.roleName,
          },
          {
            ...(principal.federatedProvider !== undefined && {
              webIdFederationData: { federatedProvider: principal.federatedProvider, attributes: {} },
            }),
            ...(principal.sourceIdentity !== undefined && { sourceIdentity: principal.sourceIdentity }),
          },
        ),
      };
    case 'web-identity':
      return { type: 'WebIdentityUser', principalId, userName: principalId, identityProvider: principal.provider };
    case 'service':
      return { type: 'AWSService' };
    default:
      return { type: 'AWSAccount', principalId: 'ANONYMOUS_PRINCIPAL', accountId: 'anonymous' };
  }
}
