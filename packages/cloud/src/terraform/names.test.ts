// Names that the bridge makes: of types in messages, and of resources that have only a prefix.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { typeInWords } from './type-names.ts';
import { nameFor, prefixOf, UNIQUE_SUFFIX_LENGTH, uniqueName } from './unique-name.ts';

test.each([
  ['aws_s3_bucket', 'S3 Bucket'],
  ['aws_s3_bucket_cors_configuration', 'S3 Bucket CORS Configuration'],
  ['aws_iam_role_policy_attachment', 'IAM Role Policy Attachment'],
  ['aws_dynamodb_table', 'DynamoDB Table'],
  ['aws_codebuild_project', 'CodeBuild Project'],
  ['aws_cloudwatch_log_group', 'CloudWatch Logs Log Group'],
])('%s is called %s', (type, words) => {
  expect(typeInWords(type)).toBe(words);
});

test('a generated name says its prefix, and sorts by when it was made', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z-]{0,20}$/), (prefix) => {
      const names = Array.from({ length: 5 }, () => uniqueName(prefix));
      expect(names.map(prefixOf)).toEqual(names.map(() => prefix));
      expect(names.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(names);
      expect(new Set(names.map((name) => name.length))).toEqual(new Set([prefix.length + UNIQUE_SUFFIX_LENGTH]));
    }),
  );
});

test('a chosen name wins over a prefix, and has none', () => {
  expect(nameFor({ name: 'chosen', name_prefix: 'p-' })).toBe('chosen');
  expect(nameFor({ name_prefix: 'p-' })).toMatch(/^p-\d{18}/);
  expect(nameFor({})).toMatch(/^terraform-\d{18}/);
  expect(prefixOf('chosen-2024')).toBe('');
});
