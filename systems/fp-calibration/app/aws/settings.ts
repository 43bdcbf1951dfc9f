// What the functions are configured with: the environment variables of the contract.
import { BREAKER, VARIABLES } from '../../contract.ts';
import type { BreakerSettings } from '../domain/breaker.ts';

/** A variable that the function cannot do without. */
export function setting(name: keyof typeof VARIABLES): string {
  const value = process.env[VARIABLES[name]];
  if (value === undefined || value === '') throw new Error(`The variable ${VARIABLES[name]} is not set`);
  return value;
}

export function breakerSettings(): BreakerSettings {
  const { least, most } = BREAKER.cooldownHours;
  const threshold = Number(setting('blockThreshold'));
  const hours = Number(setting('cooldownHours'));
  if (!Number.isInteger(threshold) || threshold < 1) {
    throw new RangeError(`${VARIABLES.blockThreshold} has to be a whole number from 1`);
  }
  if (!(hours >= least && hours <= most)) {
    throw new RangeError(`${VARIABLES.cooldownHours} has to be ${least} to ${most}`);
  }
  return { threshold, cooldownMilliseconds: hours * 3_600_000 };
}
