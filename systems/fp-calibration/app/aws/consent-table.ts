// Consents in DynamoDB, by organization; beside them suspensions, histories and enrolled credentials.
//
// IAM: the consent function needs dynamodb:GetItem and PutItem on the table; the two ingestion functions GetItem alone.
import {
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';

import { LIMITS, type ConsentResource } from '../../contract.ts';
import type { Consent, ConsentChange, ConsentHistory, ConsentStore, ConsentType } from '../domain/consent.ts';
import { ROW_PREFIXES, type Authentication } from '../domain/organization.ts';
import { dynamodb } from './clients.ts';
import { failedCondition, isConflict } from './errors.ts';
import { setting } from './settings.ts';

export const consentTable: ConsentStore = {
  async find(organization) {
    const [consent, suspension] = await Promise.all([
      get(organization),
      get(`${ROW_PREFIXES.suspension}${organization}`),
    ]);
    return { consent: consent && consentOf(consent), suspended: suspension !== undefined };
  },

  async history(organization) {
    const item = await get(`${ROW_PREFIXES.history}${organization}`);
    return {
      entries: JSON.parse(item?.['entries']?.S ?? '[]') as ConsentChange[],
      version: Number(item?.['version']?.N ?? 0),
    };
  },

  async save(consent, history, found) {
    try {
      await dynamodb().send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName: setting('consentTable'), Item: itemOf(consent) } },
            { Put: { TableName: setting('consentTable'), ...historyPut(consent.orgId, history, found) } },
          ],
        }),
      );
      return true;
    } catch (error) {
      if (failedCondition(error) || isConflict(error)) return false;
      throw error;
    }
  },
};

/** Whose a credential is that sends to the queue, where nothing but the credential's id is known. */
export async function findSender(credential: string, now: number): Promise<Authentication> {
  const item = await get(`${ROW_PREFIXES.credential}${credential}`);
  const organization = item?.['organization']?.S;
  if (organization === undefined) return { reason: 'invalid' };
  return Number(item?.['expiresAt']?.N) * 1_000 > now ? { organization } : { reason: 'expired' };
}

/** Lets a credential send to the queue; when that ends, in seconds since 1970. */
export async function enrolSender(credential: string, organization: string, now: number): Promise<number> {
  const expiresAt = Math.floor(now / 1_000) + LIMITS.credentialDays * 86_400;
  await dynamodb().send(
    new PutItemCommand({
      TableName: setting('consentTable'),
      Item: {
        orgId: { S: `${ROW_PREFIXES.credential}${credential}` },
        organization: { S: organization },
        expiresAt: { N: String(expiresAt) },
      },
    }),
  );
  return expiresAt;
}

type Item = Record<string, AttributeValue>;

async function get(orgId: string): Promise<Item | undefined> {
  const { Item } = await dynamodb().send(
    new GetItemCommand({ TableName: setting('consentTable'), Key: { orgId: { S: orgId } }, ConsistentRead: true }),
  );
  return Item;
}

const itemOf = (consent: Consent): Item => ({
  orgId: { S: consent.orgId },
  type: { S: consent.type },
  scope: { L: consent.scope.map((resource) => ({ S: resource })) },
  grantedBy: { S: consent.grantedBy },
  grantedAt: { N: String(consent.grantedAt) },
  ...(consent.expiresAt !== undefined && { expiresAt: { N: String(consent.expiresAt) } }),
  revoked: { BOOL: consent.revoked },
  policyVersion: { S: consent.policyVersion },
});

const consentOf = (item: Item): Consent => ({
  orgId: item['orgId']?.S ?? '',
  type: (item['type']?.S ?? 'none') as ConsentType,
  scope: (item['scope']?.L ?? []).map(({ S }) => S as ConsentResource),
  grantedBy: item['grantedBy']?.S ?? '',
  grantedAt: Number(item['grantedAt']?.N ?? 0),
  ...(item['expiresAt']?.N !== undefined && { expiresAt: Number(item['expiresAt'].N) }),
  // What does not say that it holds does not.
  revoked: item['revoked']?.BOOL ?? true,
  policyVersion: item['policyVersion']?.S ?? '',
});

const historyPut = (organization: string, { entries, version }: ConsentHistory, found: number) => ({
  Item: {
    orgId: { S: `${ROW_PREFIXES.history}${organization}` },
    entries: { S: JSON.stringify(entries) },
    version: { N: String(version) },
  },
  ConditionExpression: found === 0 ? 'attribute_not_exists(#key)' : '#version = :found',
  ...(found === 0
    ? { ExpressionAttributeNames: { '#key': 'orgId' } }
    : {
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':found': { N: String(found) } },
      }),
});
