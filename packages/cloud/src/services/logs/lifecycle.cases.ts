// The lives of CloudWatch Logs' Terraform types.
import { expect } from 'vitest';

import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

const ARN = 'arn:aws:logs:eu-west-1:000000000000:log-group:';

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_cloudwatch_log_group',
    name: 'kept',
    config: { name: '/lifecycle/kept' },
    changed: { name: '/lifecycle/kept', retention_in_days: 14, tags: { Team: 'logs' } },
    change: 'update',
    expected: {
      id: '/lifecycle/kept',
      arn: `${ARN}/lifecycle/kept`,
      deletion_protection_enabled: false,
      kms_key_id: '',
      log_group_class: 'STANDARD',
      name_prefix: '',
      region: 'eu-west-1',
      retention_in_days: 0,
      skip_destroy: false,
      tags_all: {},
    },
    expectedAfterChange: { retention_in_days: 14, tags_all: { Team: 'logs' } },
  },
  {
    type: 'aws_cloudwatch_log_group',
    name: 'prefixed',
    config: { name_prefix: '/lifecycle/first-', retention_in_days: 1 },
    changed: { name_prefix: '/lifecycle/second-', retention_in_days: 1 },
    change: 'replace',
    expected: {
      name: expect.stringMatching(/^\/lifecycle\/first-\d{18}[0-9a-f]{8}$/),
      name_prefix: '/lifecycle/first-',
    },
  },
  {
    type: 'aws_cloudwatch_log_stream',
    name: 'renamed',
    support: { aws_cloudwatch_log_group: { of_stream: { name: '/lifecycle/of-stream' } } },
    config: { name: 'one', log_group_name: '${aws_cloudwatch_log_group.of_stream.name}' },
    changed: { name: 'two', log_group_name: '${aws_cloudwatch_log_group.of_stream.name}' },
    change: 'replace',
    expected: { id: 'one', arn: `${ARN}/lifecycle/of-stream:log-stream:one` },
    importId: ({ name, log_group_name }) => `${log_group_name}:${name}`,
  },
];
