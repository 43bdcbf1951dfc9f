// Tables by their names and ARNs.
import type { Call } from '../../kernel/service.ts';
import { validation } from './errors.ts';

type Place = Pick<Call, 'region' | 'account'>;

export const tableArn = ({ region, account }: Place, table: string): string =>
  `arn:aws:dynamodb:${region}:${account}:table/${table}`;

export const indexArn = (place: Place, table: string, index: string): string =>
  `${tableArn(place, table)}/index/${index}`;

export const streamArn = (place: Place, table: string, label: string): string =>
  `${tableArn(place, table)}/stream/${label}`;

/** The name in a `TableName` member, which may be an ARN of this region and account. */
export function tableName(place: Place, given: unknown): string {
  if (typeof given !== 'string' || !given.startsWith('arn:')) return typeof given === 'string' ? given : '';
  const prefix = tableArn(place, '');
  if (given.startsWith(prefix)) return given.slice(prefix.length).split('/')[0]!;
  throw validation(`Invalid TableArn: ${given} names no table of this account in ${place.region}`);
}
