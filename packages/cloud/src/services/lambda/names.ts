// How a request names a function: by name, by parts of its ARN or by all of it, with a version or alias or without.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
import { functionNotFound, invalidParameter, invalidValue } from './errors.ts';

export interface FunctionName {
  readonly name: string;
  /** `$LATEST`, a version's number or an alias; undefined where none is named. */
  readonly qualifier: string | undefined;
}

interface Place {
  readonly region: string;
  readonly account: string;
}

const NAME =
  /^(?:arn:aws[\w-]*:lambda:(?<region>[a-z0-9-]+):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[\w-]{1,64})(?::(?<qualifier>\$LATEST|[\w-]{1,128}))?$/;

export const LATEST = '$LATEST';

/** Reads a FunctionName and the Qualifier beside it; throws where they are no name, or one of elsewhere. */
export function readName(place: Place, text: string | undefined, qualifier?: string): FunctionName {
  const found = NAME.exec(text ?? '')?.groups;
  if (!found) {
    throw invalidValue('functionName', text, `Member must satisfy regular expression pattern: ${NAME.source}`);
  }
  if (found['region'] !== undefined && found['region'] !== place.region) {
    throw functionNotFound(text!);
  }
  if (found['account'] !== undefined && found['account'] !== place.account) throw functionNotFound(text!);
  const own = found['qualifier'];
  if (own !== undefined && qualifier !== undefined && own !== qualifier) {
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { name: found['name']!, qualifier: own ?? qualifier };
}

/** The ARN of a function, or of one of its versions or aliases. */
export const functionArn = ({ region, account }: Place, name: string, qualifier?: string): string =>
  `arn:aws:lambda:${region}:${account}:function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`;

/** The ARN that a request means, as far as its name can be read: what IAM is asked about. */
export function namedArn(place: Place, text: string | undefined, qualifier?: string): string {
  const found = NAME.exec(text ?? '')?.groups;
  if (!found) return functionArn(place, text ?? '', qualifier);
  const { name, region = place.region, account = place.account } = found;
  return functionArn({ region, account }, name!, found['qualifier'] ?? qualifier);
}
