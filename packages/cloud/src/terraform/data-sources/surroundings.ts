// aws_caller_identity, aws_partition and aws_region: who applies, and where.
import { partition } from '@aws-sdk/core/client';

import type { StsOperations } from '../../services/sts/operations.ts';
import { UserError } from '../errors.ts';
import { regionInWords } from '../regions.ts';
import type { DataSourceType } from '../resource.ts';

export const callerIdentity: DataSourceType = {
  type: 'aws_caller_identity',
  async read(_config, context) {
    const { Account, Arn, UserId } = await context.client<StsOperations>('sts')('GetCallerIdentity', {});
    return { id: Account, account_id: Account, arn: Arn, user_id: UserId };
  },
};

export const partitionDataSource: DataSourceType = {
  type: 'aws_partition',
  async read(_config, context) {
    const { name, dnsSuffix } = partition(context.region);
    return {
      id: name,
      partition: name,
      dns_suffix: dnsSuffix,
      reverse_dns_prefix: dnsSuffix.split('.').toReversed().join('.'),
    };
  },
};

/** The host of a region's EC2 API, by which this data source may be asked for a region. */
const ENDPOINT = /^ec2\.([a-z0-9-]+)\.amazonaws\.com/;

export const region: DataSourceType = {
  type: 'aws_region',
  async read(config, context) {
    const asked = config['endpoint'] ? ENDPOINT.exec(config['endpoint'])?.[1] : undefined;
    if (config['endpoint'] && !asked) throw notFound('endpoint', config['endpoint']);
    const name: string = asked ?? config['region'] ?? config['name'] ?? context.region;
    const description = regionInWords(name);
    if (description === undefined) throw notFound('name', name);
    const { dnsSuffix } = partition(name);
    return { id: name, name, region: name, description, endpoint: `ec2.${name}.${dnsSuffix}` };
  },
};

const notFound = (by: string, value: string): UserError =>
  new UserError(`no region has the ${by} "${value}"`, 'Name one of AWS, such as us-east-1.');
