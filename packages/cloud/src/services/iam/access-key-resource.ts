// aws_iam_access_key: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_access_key
import { createHmac } from 'node:crypto';

import type { ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';

export const accessKey: ResourceType = {
  type: 'aws_iam_access_key',
  replace: ['user', 'pgp_key'],
  defaults: { status: 'Active' },
  validate: (config) => [
    ...(config['pgp_key']
      ? [{ attribute: 'pgp_key', message: 'the local cloud does not encrypt secrets with PGP: leave pgp_key out' }]
      : []),
    ...(typeof config['status'] === 'string' && !['Active', 'Inactive'].includes(config['status'])
      ? [
          {
            attribute: 'status',
            message: `expected status to be one of ["Active" "Inactive"], got ${config['status']}`,
          },
        ]
      : []),
  ],
  async create(planned, context) {
    const iam = clientOf(context);
    const UserName: string = planned['user'];
    const { AccessKey: key } = await iam('CreateAccessKey', { UserName });
    context.created({ id: key.AccessKeyId });
    if (planned['status'] === 'Inactive') {
      await iam('UpdateAccessKey', { UserName, AccessKeyId: key.AccessKeyId, Status: 'Inactive' });
    }
    return {
      id: key.AccessKeyId,
      secret: key.SecretAccessKey,
      ses_smtp_password_v4: smtpPassword(key.SecretAccessKey, context.region),
    };
  },
  // What a key's secret is, nobody is told a second time.
  async read(state, context) {
    const iam = clientOf(context);
    const AccessKeyId: string = state['id'];
    const UserName = state['user'] ?? (await orNull(iam('GetAccessKeyLastUsed', { AccessKeyId })))?.UserName;
    if (UserName === undefined) return null;
    const keys = (await orNull(iam('ListAccessKeys', { UserName })))?.AccessKeyMetadata;
    const found = keys?.find((key) => key.AccessKeyId === AccessKeyId);
    if (!found) return null;
    return {
      user: found.UserName,
      status: found.Status,
      create_date: found.CreateDate.toISOString().replace(/\.\d+Z$/, 'Z'),
    };
  },
  async update(prior, planned, context) {
    await clientOf(context)('UpdateAccessKey', {
      UserName: prior['user'],
      AccessKeyId: prior['id'],
      Status: planned['status'],
    });
  },
  async delete(state, context) {
    await orNull(clientOf(context)('DeleteAccessKey', { UserName: state['user'], AccessKeyId: state['id'] }));
  },
};

/** https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html#smtp-credentials-convert */
export function smtpPassword(secret: string, region: string): string {
  const key = ['11111111', region, 'ses', 'aws4_request', 'SendRawEmail'].reduce<Buffer>(
    (signed, text) => createHmac('sha256', signed).update(text).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return Buffer.concat([Buffer.of(4), key]).toString('base64');
}

const clientOf = (context: ResourceContext) => context.client<IamOperations>('iam');
