// What AWS answers to a signature it does not accept: the words differ between S3, the query services and the JSON ones.
import { AwsError } from '../errors.ts';
import { OTHER_MECHANISM, TWO_MECHANISMS, type Signature, type SignedRequest } from './signature.ts';

export type SignatureProblem =
  | 'incomplete'
  | 'unknown key'
  | 'bad token'
  | 'expired token'
  | 'mismatch'
  | 'skewed'
  | 'expired url'
  | 'unsigned headers';

interface Details {
  readonly signature?: Signature;
  readonly stringToSign?: string;
  readonly now?: number;
}

const QUERY_SERVICES = new Set([
  'iam',
  'sts',
  'sns',
  'rds',
  'elasticache',
  'elasticloadbalancing',
  'autoscaling',
  'cloudformation',
  'ec2',
  'ses',
  'monitoring',
]);

/** The error for a problem with a request's signature; `text` is what the problem's sentence needs. */
export function signatureError(
  problem: SignatureProblem,
  request: SignedRequest,
  text: string,
  details: Details = {},
): AwsError {
  const service = details.signature?.service ?? '';
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const unknown = service === '' && !form && !request.headers['x-amz-target'];
  if (service === 's3' || unknown) return s3Error(problem, text, details);
  const query = QUERY_SERVICES.has(service) || (service === '' && form);
  const status = query ? 403 : 400;
  const code = (queryCode: string, jsonCode: string) => (query ? queryCode : jsonCode);
  switch (problem) {
    case 'incomplete':
      return new AwsError(code('IncompleteSignature', 'IncompleteSignatureException'), text, { status });
    case 'unknown key':
    case 'bad token':
      return new AwsError(
        code('InvalidClientTokenId', 'UnrecognizedClientException'),
        'The security token included in the request is invalid.',
        { status },
      );
    case 'expired token':
      return new AwsError(
        code('ExpiredToken', 'ExpiredTokenException'),
        'The security token included in the request is expired',
        { status },
      );
    case 'mismatch':
      return new AwsError(
        code('SignatureDoesNotMatch', 'InvalidSignatureException'),
        `${MISMATCH} Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'${text}'\n\nThe String-to-Sign should have been\n'${details.stringToSign}'\n`,
        { status },
      );
    case 'skewed':
    case 'expired url':
      return new AwsError(code('SignatureDoesNotMatch', 'InvalidSignatureException'), outOfTime(text, details), {
        status,
      });
    case 'unsigned headers':
      return new AwsError(
        code('SignatureDoesNotMatch', 'InvalidSignatureException'),
        `There were headers present in the request which were not signed: ${text}`,
        { status },
      );
  }
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
function outOfTime(signedAt: string, { signature, now }: Details): string {
  const lasts = (signature!.expiresSeconds ?? 900) * 1000;
  const current = basic(now!);
  return signedAt > current
    ? `Signature not yet current: ${signedAt} is still later than ${basic(now! + 900_000)} (${current} + 15 min.)`
    : `Signature expired: ${signedAt} is now earlier than ${basic(now! - lasts)} (${current} - ${lasts / 60_000} min.)`;
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.';

/** S3's codes for signatures that are wrong in kind. */
const INCOMPLETE: Readonly<Record<string, string>> = {
  [OTHER_MECHANISM]: 'InvalidRequest',
  [TWO_MECHANISMS]: 'InvalidArgument',
};

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
function s3Error(problem: SignatureProblem, text: string, { signature, stringToSign, now }: Details): AwsError {
  switch (problem) {
    case 'incomplete':
      return new AwsError(INCOMPLETE[text] ?? 'AuthorizationHeaderMalformed', text, { status: 400 });
    case 'unknown key':
      return new AwsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
        status: 403,
        members: { AWSAccessKeyId: signature?.accessKeyId },
      });
    case 'bad token':
      return new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.');
    case 'expired token':
      return new AwsError('ExpiredToken', 'The provided token has expired.');
    case 'mismatch':
      return new AwsError(
        'SignatureDoesNotMatch',
        MISMATCH.replace('Check your AWS Secret Access Key', 'Check your key'),
        {
          status: 403,
          members: {
            AWSAccessKeyId: signature?.accessKeyId,
            StringToSign: stringToSign,
            SignatureProvided: signature?.signature,
            CanonicalRequest: text,
          },
        },
      );
    case 'skewed':
      return new AwsError(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        {
          status: 403,
          members: { RequestTime: text, ServerTime: new Date(now!).toISOString(), MaxAllowedSkewMilliseconds: 900_000 },
        },
      );
    case 'expired url':
      return new AwsError('AccessDenied', 'Request has expired', { status: 403 });
    case 'unsigned headers':
      return new AwsError('AccessDenied', 'There were headers present in the request which were not signed', {
        status: 403,
        members: { HeadersNotSigned: text },
      });
  }
}

const basic = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
