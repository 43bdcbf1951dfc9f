// Identifiers in the forms AWS gives them.
import { randomBytes, randomUUID } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A request id or a resource's UUID. */
export const uuid = (): string => randomUUID();

/** `length` random characters of A-Z, a-z, 0-9. */
export const alphanumeric = (length: number): string => pick(ALPHANUMERIC, length);

/** An IAM unique id: a four-letter prefix (AIDA a user, AROA a role, AGPA a group, AIPA an instance profile, …) and sixteen more characters. */
export const iamId = (prefix: 'AIDA' | 'AROA' | 'AGPA' | 'AIPA' | 'AKIA' | 'ASIA' | 'ANPA'): string =>
  prefix + pick(BASE32, 16);

/** A secret access key: forty characters. */
export const secretKey = (): string => pick(ALPHANUMERIC, 40);

// 256 is not a multiple of 62: the small bias does no harm to identifiers, and 40 characters keep over 230 bits.
function pick(alphabet: string, length: number): string {
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('');
}
