// What S3 takes for a bucket's website.
import type { Condition, RoutingRule, WebsiteConfiguration } from '@aws-sdk/client-s3';

import { invalidArgument, invalidRequest, malformedXml } from './errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html */
const RULES_LIMIT = 50;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_WebsiteConfiguration.html */
export function checkWebsite(configuration: WebsiteConfiguration | undefined): WebsiteConfiguration {
  if (!configuration) throw malformedXml();
  const {
    IndexDocument: index,
    ErrorDocument: error,
    RedirectAllRequestsTo: redirect,
    RoutingRules: rules,
  } = configuration;
  if (redirect) {
    if (index || error || rules) {
      throw invalidArgument(
        'RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.',
        'RedirectAllRequestsTo',
        'not null',
      );
    }
    if (!redirect.HostName) throw malformedXml();
    requireProtocol(redirect.Protocol);
    return configuration;
  }
  if (!index?.Suffix) {
    throw invalidArgument(
      'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty',
      'IndexDocument',
      'null',
    );
  }
  if (index.Suffix.includes('/'))
    throw invalidArgument('The IndexDocument Suffix is not well formed', 'IndexDocument', index.Suffix);
  if (error && !error.Key) throw malformedXml();
  if (rules) checkRoutingRules(rules);
  return configuration;
}

function checkRoutingRules(rules: readonly RoutingRule[]): void {
  if (rules.length === 0) throw malformedXml();
  if (rules.length > RULES_LIMIT) {
    throw invalidRequest(
      `${rules.length} routing rules provided, the number of routing rules in a website configuration is limited to ${RULES_LIMIT}.`,
    );
  }
  for (const { Condition: condition, Redirect: redirect } of rules) {
    if (!redirect) throw malformedXml();
    const { HttpRedirectCode: code, ReplaceKeyWith: key, ReplaceKeyPrefixWith: prefix } = redirect;
    if (key !== undefined && prefix !== undefined) {
      throw invalidRequest('You can only define ReplaceKeyPrefix or ReplaceKey but not both.');
    }
    if (code !== undefined && !/^3(?!00)\d\d$/.test(code)) {
      throw invalidRequest(`The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`);
    }
    requireProtocol(redirect.Protocol);
    if (condition) checkCondition(condition);
  }
}

function checkCondition({ HttpErrorCodeReturnedEquals: code, KeyPrefixEquals: prefix }: Condition): void {
  if (code === undefined && prefix === undefined) {
    throw invalidRequest(
      "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
    );
  }
  if (code !== undefined && !/^[45]\d\d$/.test(code)) {
    throw invalidRequest(`The provided HTTP error code (${code}) is not valid. Valid codes are 4XX or 5XX.`);
  }
}

function requireProtocol(protocol: string | undefined): void {
  if (protocol === undefined || protocol === 'http' || protocol === 'https') return;
  throw invalidRequest(
    'Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.',
  );
}
