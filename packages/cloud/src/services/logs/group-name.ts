// A log group's name and its ARN.
import type { Call } from '../../kernel/service.ts';

export const groupArn = ({ region, account }: Pick<Call, 'region' | 'account'>, name: string): string =>
  `arn:aws:logs:${region}:${account}:log-group:${name}`;

/** The name in an identifier, which may be the name itself or an ARN, with or without `:*`. */
export const groupName = (identifier: string): string =>
  identifier.startsWith('arn:') ? (identifier.split(':log-group:')[1] ?? identifier).replace(/:\*$/, '') : identifier;
