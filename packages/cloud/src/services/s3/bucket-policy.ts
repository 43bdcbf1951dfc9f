// Bucket policies: what S3 takes for one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
import { AwsError } from '../../kernel/errors.ts';
import type { Directory } from '../../kernel/identity/directory.ts';
import { parsePolicy, type Statement } from '../../kernel/identity/policy-document.ts';
import { bucketArn } from './access.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html: 20 KB. */
const LONGEST_POLICY = 20 * 1024;

/** Throws MalformedPolicy, in S3's words, where a text is no policy for this bucket. */
export function checkBucketPolicy(text: string, bucket: string, account: string, directory: Directory): void {
  if (Buffer.byteLength(text) > LONGEST_POLICY)
    throw malformedPolicy('Policy exceeds the maximum allowed document size.');
  const json = parseJson(text);
  if (!text.trimStart().startsWith('{')) throw malformedPolicy(NOT_JSON);
  if (!('Statement' in json)) throw malformedPolicy('Missing required field Statement');
  for (const statement of parseStatements(text)) checkStatement(statement, bucket, account, directory);
}

const NOT_JSON = "Policies must be valid JSON and the first byte must be '{'";

function parseJson(text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw malformedPolicy(NOT_JSON);
  }
}

function parseStatements(text: string): readonly Statement[] {
  try {
    return parsePolicy(text, 'resource');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw malformedPolicy(error.message);
  }
}

function checkStatement(statement: Statement, bucket: string, account: string, directory: Directory): void {
  if (!statement.principals) throw malformedPolicy('Missing required field Principal');
  if (!statement.resources) throw malformedPolicy('Missing required field Resource');
  for (const action of statement.actions) {
    if (action !== '*' && !/^s3:/i.test(action)) throw malformedPolicy('Policy has invalid action');
  }
  for (const resource of statement.resources) {
    if (!isOfBucket(resource, bucket)) throw malformedPolicy('Policy has invalid resource');
  }
  for (const name of statement.principals['AWS'] ?? []) {
    if (!isPrincipal(name, account, directory)) throw malformedPolicy('Invalid principal in policy');
  }
}

function isOfBucket(resource: string, bucket: string): boolean {
  const arn = bucketArn(bucket);
  if (resource === arn || resource.startsWith(`${arn}/`)) return true;
  if (resource === '*') return false;
  // A pattern is taken where it can name this bucket or its objects.
  const pattern = resource
    .split('/')[0]!
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return /[*?]/.test(resource) && new RegExp(`^${pattern}$`).test(arn);
}

// Users and roles of this account have to be there, as AWS looks them up when the policy is stored.
function isPrincipal(name: string, account: string, directory: Directory): boolean {
  if (name === '*' || /^\d{12}$/.test(name)) return true;
  const [, owner, kind, path = ''] = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):([a-z-]+)\/?(.*)$/.exec(name) ?? [];
  if (owner === undefined) return false;
  if (owner !== account || kind === 'root' || kind === 'assumed-role' || kind === 'federated-user') return true;
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (kind === 'user') return directory.users.get(last)?.arn === name;
  return kind === 'role' && directory.findRoleByArn(name) !== undefined;
}

const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicy', message);
