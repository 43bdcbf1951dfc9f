// What makes a bucket public, and the settings that stop it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
import { statementsOf, type Statement } from '../../kernel/identity/policy-document.ts';

/** Condition keys that, held to fixed values, keep a grant to everyone from being public. */
const NARROWING_KEYS = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalservicename',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
]);

const POSITIVE_OPERATORS = /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$/;

/** True where a bucket policy gives something to everyone, without a condition that narrows it to somebody. */
export const isPublicPolicy = (policy: string): boolean => statementsOf(policy).some(isPublic);

function isPublic(statement: Statement): boolean {
  if (statement.effect !== 'Allow') return false;
  const { principals = {} } = statement;
  const everyone =
    statement.notPrincipals || principals['*'] !== undefined || (principals['AWS'] ?? []).some((name) => name === '*');
  if (!everyone) return false;
  const narrowed = [...statement.conditions].some(
    ([operator, keys]) =>
      POSITIVE_OPERATORS.test(operator) &&
      [...keys].some(([key, values]) => NARROWING_KEYS.has(key) && values.every((value) => isFixed(key, value))),
  );
  return !narrowed;
}

// A range of addresses counts as fixed unless it is very wide: AWS draws the line at /8 for IPv4 and /32 for IPv6.
function isFixed(key: string, value: string): boolean {
  if (key === 'aws:sourceip') {
    const bits = Number(value.split('/')[1] ?? 128);
    return value.includes(':') ? bits >= 32 : bits >= 8;
  }
  if (key === 'aws:userid') return !/^[*?]/.test(value) && !value.includes('${');
  return !/[*?]|\$\{/.test(value);
}
