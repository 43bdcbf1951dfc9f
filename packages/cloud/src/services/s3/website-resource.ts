// aws_s3_bucket_website_configuration.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_website_configuration
import type { Protocol, RoutingRule } from '@aws-sdk/client-s3';

import { websiteNames } from '../../terraform/bucket-names.ts';
import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { bucketSetting } from './bucket-setting.ts';

export const website: ResourceType = bucketSetting({
  type: 'aws_s3_bucket_website_configuration',
  computedBlocks: ['routing_rule'],
  validate: ({ routing_rules: json }) =>
    json
      ? [{ attribute: 'routing_rules', message: 'routing_rules is not supported here: write routing_rule blocks' }]
      : [],
  find: async (s3, target) => {
    const found = await s3('GetBucketWebsite', target);
    const { LocationConstraint: region } = await s3('GetBucketLocation', target);
    const { RedirectAllRequestsTo: all, RoutingRules: rules = [] } = found;
    return {
      ...websiteNames(target.Bucket, region ?? 'us-east-1'),
      expected_bucket_owner: target.ExpectedBucketOwner ?? '',
      index_document: found.IndexDocument ? [{ suffix: found.IndexDocument.Suffix }] : [],
      error_document: found.ErrorDocument ? [{ key: found.ErrorDocument.Key }] : [],
      redirect_all_requests_to: all ? [{ host_name: all.HostName, protocol: all.Protocol ?? '' }] : [],
      routing_rule: rules.map(({ Condition: condition, Redirect: redirect = {} }) => ({
        condition: condition
          ? [
              {
                http_error_code_returned_equals: condition.HttpErrorCodeReturnedEquals ?? '',
                key_prefix_equals: condition.KeyPrefixEquals ?? '',
              },
            ]
          : [],
        redirect: [
          {
            host_name: redirect.HostName ?? '',
            http_redirect_code: redirect.HttpRedirectCode ?? '',
            protocol: redirect.Protocol ?? '',
            replace_key_prefix_with: redirect.ReplaceKeyPrefixWith ?? '',
            replace_key_with: redirect.ReplaceKeyWith ?? '',
          },
        ],
      })),
      routing_rules: '',
    };
  },
  put: (s3, target, planned) => {
    const [index] = (planned['index_document'] ?? []) as Attributes[];
    const [error] = (planned['error_document'] ?? []) as Attributes[];
    const [all] = (planned['redirect_all_requests_to'] ?? []) as Attributes[];
    const rules = ((planned['routing_rule'] ?? []) as Attributes[]).map(ruleOf);
    return s3('PutBucketWebsite', {
      ...target,
      WebsiteConfiguration: {
        ...(index && { IndexDocument: { Suffix: index['suffix'] } }),
        ...(error && { ErrorDocument: { Key: error['key'] } }),
        ...(all && {
          RedirectAllRequestsTo: {
            HostName: all['host_name'],
            ...(all['protocol'] && { Protocol: all['protocol'] as Protocol }),
          },
        }),
        ...(rules.length > 0 && { RoutingRules: rules }),
      },
    });
  },
  remove: (s3, target) => s3('DeleteBucketWebsite', target),
});

function ruleOf(rule: Attributes): RoutingRule {
  const [condition] = (rule['condition'] ?? []) as Attributes[];
  const [redirect] = (rule['redirect'] ?? []) as Attributes[];
  const given = (attributes: Attributes | undefined, names: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(names).flatMap(([attribute, member]) => {
        const value: unknown = attributes?.[attribute];
        return value ? [[member, value]] : [];
      }),
    );
  return {
    ...(condition && {
      Condition: given(condition, {
        http_error_code_returned_equals: 'HttpErrorCodeReturnedEquals',
        key_prefix_equals: 'KeyPrefixEquals',
      }),
    }),
    Redirect: given(redirect, {
      host_name: 'HostName',
      http_redirect_code: 'HttpRedirectCode',
      protocol: 'Protocol',
      replace_key_prefix_with: 'ReplaceKeyPrefixWith',
      replace_key_with: 'ReplaceKeyWith',
    }),
  };
}
