// The ARNs of buses and rules.
import type { Call } from '../../kernel/service.ts';
import { DEFAULT_BUS } from './buses.ts';

type Place = Pick<Call, 'region' | 'account'>;

export const busArn = ({ region, account }: Place, name: string): string =>
  `arn:aws:events:${region}:${account}:event-bus/${name}`;

/** Rules of the default bus do not name it. */
export const ruleArn = ({ region, account }: Place, bus: string, name: string): string =>
  `arn:aws:events:${region}:${account}:rule/${bus === DEFAULT_BUS ? '' : `${bus}/`}${name}`;
