import { describe, expect, test } from 'vitest';

import type { Stack } from '../stack.ts';
import { BucketObject } from '../storage/bucket-object.ts';
import { Bucket } from '../storage/bucket.ts';
import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { BuildProject, type BuildProjectProps } from './build-project.ts';

const project = (stack: Stack, props: Partial<BuildProjectProps> = {}) =>
  new BuildProject(stack, 'apply', {
    name: 'shop-apply',
    description: 'Applies the shop',
    image: 'aws/codebuild/standard:7.0',
    buildSpec: { phases: { build: { commands: ['echo "${HOME}"'] } } },
    ...props,
  });

const policyOf = (stack: Stack): string => resource(stack, 'aws_iam_role_policy.apply_role')['policy'] as string;

describe('BuildProject', () => {
  test('the smallest use is limited in time and number, logs to its own group, and has no source', () => {
    const stack = testStack();
    project(stack);

    expect(addresses(stack)).toEqual([
      'aws_cloudwatch_log_group.apply_logs',
      'aws_codebuild_project.apply',
      'aws_iam_role.apply_role',
      'aws_iam_role_policy.apply_role',
    ]);
    const { environment, source, description: _, ...rest } = resource(stack, 'aws_codebuild_project.apply');
    expect(rest).toMatchInlineSnapshot(`
      {
        "artifacts": {
          "type": "NO_ARTIFACTS",
        },
        "build_timeout": 60,
        "concurrent_build_limit": 1,
        "lifecycle": {
          "ignore_changes": [
            "concurrent_build_limit",
          ],
        },
        "logs_config": {
          "cloudwatch_logs": {
            "group_name": "\${aws_cloudwatch_log_group.apply_logs.name}",
            "status": "ENABLED",
          },
          "s3_logs": {
            "status": "DISABLED",
          },
        },
        "name": "shop-apply",
        "queued_timeout": 5,
        "service_role": "\${aws_iam_role.apply_role.arn}",
      }
    `);
    expect(environment).toMatchInlineSnapshot(`
      {
        "compute_type": "BUILD_GENERAL1_SMALL",
        "environment_variable": [],
        "image": "aws/codebuild/standard:7.0",
        "image_pull_credentials_type": "CODEBUILD",
        "privileged_mode": false,
        "type": "LINUX_CONTAINER",
      }
    `);
    expect(source).toMatchObject({ type: 'NO_SOURCE' });
  });

  test("the buildspec is YAML, and the shell's braces are kept from Terraform", () => {
    const stack = testStack();
    project(stack);

    expect(resource(stack, 'aws_codebuild_project.apply')).toHaveProperty(
      'source.buildspec',
      'version: 0.2\nphases:\n  build:\n    commands:\n      - echo "$${HOME}"\n',
    );
  });

  test('its role may write its log and nothing else', () => {
    const stack = testStack();
    project(stack);

    const { Statement } = JSON.parse(policyOf(stack)) as { Statement: { Action: string[] }[] };
    expect(Statement.map(({ Action }) => Action)).toEqual([['logs:CreateLogStream', 'logs:PutLogEvents']]);
  });

  test('a source in a bucket may be read, that object alone', () => {
    const stack = testStack();
    const bucket = new Bucket(stack, 'code', { name: 'shop-code' });
    const bytes = Buffer.from('zip');
    const source = new BucketObject(stack, 'kit', {
      bucket,
      bytes,
      prefix: 'kits/',
      name: 'kit',
      extension: '.zip',
      contentType: 'application/zip',
    });
    project(stack, { source });

    expect(resource(stack, 'aws_codebuild_project.apply')).toMatchObject({
      source: { type: 'S3', location: '${aws_s3_object.kit.bucket}/${aws_s3_object.kit.key}' },
    });
    expect(policyOf(stack)).toContain(
      `"s3:GetObject","s3:GetObjectVersion"],"Resource":["arn:aws:s3:::shop-code/${source.key}"]`,
    );
  });

  test('secrets are read where they are kept, and only those', () => {
    const stack = testStack();
    const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-AbCdEf';
    project(stack, {
      variables: { STAGE: 'live', API_KEY: { parameter: '/shop/api-key' }, DB_PASSWORD: { secretArn } },
    });

    const { environment } = resource(stack, 'aws_codebuild_project.apply');
    expect(environment).toHaveProperty('environment_variable', [
      { name: 'STAGE', type: 'PLAINTEXT', value: 'live' },
      { name: 'API_KEY', type: 'PARAMETER_STORE', value: '/shop/api-key' },
      { name: 'DB_PASSWORD', type: 'SECRETS_MANAGER', value: secretArn },
    ]);
    expect(policyOf(stack)).toContain(
      '"ssm:GetParameters"],"Resource":["arn:aws:ssm:us-east-1:{account}:parameter/shop/api-key"]',
    );
    expect(policyOf(stack)).toContain(`"secretsmanager:GetSecretValue"],"Resource":["${secretArn}"]`);
  });

  test('grantStart starts builds of this project and looks at them', () => {
    const stack = testStack();
    project(stack).grantStart(testRole(stack));

    const arn = 'arn:aws:codebuild:us-east-1:{account}:project/shop-apply';
    expect(grants(stack)).toEqual([`codebuild:BatchGetBuilds on ${arn}`, `codebuild:StartBuild on ${arn}`]);
  });

  test.each([
    ['project-name', { name: 'x y' }],
    ['image-not-pinned', { image: 'aws/codebuild/standard:latest' }],
    ['build-timeout', { timeoutMinutes: 4 }],
    ['queue-timeout', { queuedTimeoutMinutes: 481 }],
    ['concurrent-builds', { concurrentBuilds: 0 }],
    ['plain-secret', { variables: { GITHUB_TOKEN: 'x' } }],
  ] as const)('%s is refused', (code, props) => {
    expect(() => project(testStack(), props)).toThrow(expect.objectContaining({ code }));
  });
});
