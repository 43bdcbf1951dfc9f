// The keys that AWS's services have in an account: `alias/aws/s3` and the like.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
import { createHash } from 'node:crypto';

import type { Key, Place } from './keys.ts';

/** The services that have one, with what their keys' policies call them. */
const SERVICES: Readonly<Record<string, string>> = {
  dynamodb: 'Amazon DynamoDB',
  s3: 'S3',
  secretsmanager: 'AWS Secrets Manager',
  sqs: 'SQS',
  ssm: 'SSM',
};

const PREFIX = 'alias/aws/';

export const MANAGED_ALIASES = Object.keys(SERVICES).map((service) => PREFIX + service);

export const isManagedAlias = (name: string): boolean => MANAGED_ALIASES.includes(name);

/** The ARN of a service's key in a region: one, and always the same. */
export function managedKeyArn({ region, account }: Place, alias: string): string {
  const digest = createHash('sha256').update(`${account}/${region}/${alias}`).digest('hex');
  const id = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ];
  return `arn:aws:kms:${region}:${account}:key/${id.join('-')}`;
}

/** Who everybody in the account may use through its service, and nobody may change. */
export function managedKey(place: Place, alias: string): Omit<Key, 'region' | 'createdAt' | 'material' | 'rotation'> {
  const service = alias.slice(PREFIX.length);
  const arn = managedKeyArn(place, alias);
  return {
    id: arn.slice(arn.indexOf('/') + 1),
    arn,
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    manager: 'AWS',
    description: `Default key that protects my ${SERVICES[service]} data when no other key is defined`,
    policy: managedPolicy(place, service),
    enabled: true,
    tags: {},
  };
}

const managedPolicy = ({ region, account }: Place, service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${SERVICES[service]} for all principals in the account that are authorized to use ${SERVICES[service]}`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:CreateGrant',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `${service}.${region}.amazonaws.com` },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  });
