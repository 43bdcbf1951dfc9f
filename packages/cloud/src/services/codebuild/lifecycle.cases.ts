// The lives of CodeBuild's Terraform types.
import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const role = (name: string) => ({
  aws_iam_role: {
    [`of_${name}`]: {
      name: `of-${name}`,
      assume_role_policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'codebuild.amazonaws.com' } }],
      }),
    },
  },
});

const environment = {
  compute_type: 'BUILD_GENERAL1_SMALL',
  image: 'aws/codebuild/standard:7.0',
  type: 'LINUX_CONTAINER',
};

const source = { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases:\n  build:\n    commands: [echo built]\n' };

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_codebuild_report_group',
    name: 'tests',
    config: { name: 'lifecycle-tests', type: 'TEST', export_config: [{ type: 'NO_EXPORT' }] },
    changed: {
      name: 'lifecycle-tests',
      type: 'TEST',
      delete_reports: true,
      export_config: [{ type: 'NO_EXPORT' }],
      tags: { Team: 'builds' },
    },
    change: 'update',
    expected: {
      id: 'arn:aws:codebuild:eu-west-1:000000000000:report-group/lifecycle-tests',
      arn: 'arn:aws:codebuild:eu-west-1:000000000000:report-group/lifecycle-tests',
    },
    expectedAfterChange: { tags_all: { Team: 'builds' }, delete_reports: true },
    lostByImport: ['delete_reports'],
  },
  {
    type: 'aws_codebuild_project',
    name: 'plain',
    support: role('plain'),
    config: {
      name: 'lifecycle-plain',
      service_role: '${aws_iam_role.of_plain.arn}',
      artifacts: { type: 'NO_ARTIFACTS' },
      environment,
      source,
    },
    changed: {
      name: 'lifecycle-plain',
      description: 'restores what was lost',
      service_role: '${aws_iam_role.of_plain.arn}',
      build_timeout: 30,
      build_batch_config: {
        service_role: '${aws_iam_role.of_plain.arn}',
        timeout_in_mins: 60,
        restrictions: { maximum_builds_allowed: 4, compute_types_allowed: ['BUILD_GENERAL1_SMALL'] },
      },
      concurrent_build_limit: 1,
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        ...environment,
        environment_variable: [
          { name: 'STATE', value: 'bucket' },
          { name: 'LOCK', value: 'table', type: 'PLAINTEXT' },
        ],
      },
      logs_config: { cloudwatch_logs: { group_name: '/builds', stream_name: 'plain' } },
      source,
      tags: { Team: 'builds' },
    },
    change: 'update',
    expected: {
      id: 'arn:aws:codebuild:eu-west-1:000000000000:project/lifecycle-plain',
      arn: 'arn:aws:codebuild:eu-west-1:000000000000:project/lifecycle-plain',
      badge_enabled: false,
      badge_url: '',
      build_timeout: 60,
      description: '',
      encryption_key: 'arn:aws:kms:eu-west-1:000000000000:alias/aws/s3',
      project_visibility: 'PRIVATE',
      queued_timeout: 480,
      tags_all: {},
    },
    expectedAfterChange: { build_timeout: 30, concurrent_build_limit: 1, tags_all: { Team: 'builds' } },
  },
  {
    type: 'aws_codebuild_report_group',
    name: 'coverage',
    config: { name: 'lifecycle-coverage', type: 'CODE_COVERAGE', export_config: [{ type: 'NO_EXPORT' }] },
    changed: { name: 'lifecycle-coverage', type: 'TEST', export_config: [{ type: 'NO_EXPORT' }] },
    change: 'replace',
    expected: { type: 'CODE_COVERAGE' },
  },
  {
    type: 'aws_codebuild_project',
    name: 'several',
    support: { ...role('several'), aws_s3_bucket: { of_several: { bucket: 'lifecycle-several' } } },
    config: {
      name: 'lifecycle-several',
      service_role: '${aws_iam_role.of_several.arn}',
      artifacts: { type: 'NO_ARTIFACTS' },
      environment,
      source,
      auto_retry_limit: 2,
      source_version: 'v1',
      secondary_sources: [
        { type: 'S3', location: '${aws_s3_bucket.of_several.bucket}/more.zip', source_identifier: 'more' },
      ],
      cache: { type: 'S3', location: '${aws_s3_bucket.of_several.bucket}/cache', cache_namespace: 'shared' },
      logs_config: {
        s3_logs: {
          status: 'ENABLED',
          location: '${aws_s3_bucket.of_several.bucket}/logs',
          bucket_owner_access: 'FULL',
        },
      },
      secondary_source_version: [{ source_identifier: 'more', source_version: 'v1' }],
      secondary_artifacts: [
        {
          type: 'S3',
          location: '${aws_s3_bucket.of_several.bucket}',
          artifact_identifier: 'other',
          name: 'other',
          packaging: 'ZIP',
          bucket_owner_access: 'READ_ONLY',
        },
      ],
    },
    changed: {
      name: 'lifecycle-several',
      service_role: '${aws_iam_role.of_several.arn}',
      artifacts: { type: 'NO_ARTIFACTS' },
      environment,
      auto_retry_limit: 0,
      source,
    },
    change: 'update',
    expected: { auto_retry_limit: 2 },
    expectedAfterChange: { auto_retry_limit: 0, source_version: null, logs_config: [] },
  },
  {
    type: 'aws_codebuild_project',
    name: 'renamed',
    support: role('renamed'),
    config: {
      name: 'lifecycle-first',
      service_role: '${aws_iam_role.of_renamed.arn}',
      artifacts: { type: 'NO_ARTIFACTS' },
      environment,
      source,
    },
    changed: {
      name: 'lifecycle-second',
      service_role: '${aws_iam_role.of_renamed.arn}',
      artifacts: { type: 'NO_ARTIFACTS' },
      environment,
      source,
    },
    change: 'replace',
    expected: { name: 'lifecycle-first' },
  },
];
