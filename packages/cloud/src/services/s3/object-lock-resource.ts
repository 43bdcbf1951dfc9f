// aws_s3_bucket_object_lock_configuration.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_object_lock_configuration
import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { bucketSetting } from './bucket-setting.ts';

export const objectLockConfiguration: ResourceType = bucketSetting({
  type: 'aws_s3_bucket_object_lock_configuration',
  defaults: { object_lock_enabled: 'Enabled' },
  find: async (s3, target, { token }) => {
    const { ObjectLockConfiguration: found } = await s3('GetObjectLockConfiguration', target);
    const retention = found?.Rule?.DefaultRetention;
    return {
      object_lock_enabled: found?.ObjectLockEnabled,
      rule: retention
        ? [{ default_retention: [{ mode: retention.Mode, days: retention.Days ?? 0, years: retention.Years ?? 0 }] }]
        : [],
      // A token of AWS's support, which nothing answers.
      token: token ?? null,
    };
  },
  put: (s3, target, planned) => {
    const [rule] = (planned['rule'] ?? []) as Attributes[];
    const [retention] = (rule?.['default_retention'] ?? []) as Attributes[];
    return s3('PutObjectLockConfiguration', {
      ...target,
      ObjectLockConfiguration: {
        ObjectLockEnabled: planned['object_lock_enabled'],
        ...(retention && {
          Rule: {
            DefaultRetention: {
              Mode: retention['mode'],
              Days: retention['days'] || undefined,
              Years: retention['years'] || undefined,
            },
          },
        }),
      },
    });
  },
  // The lock itself stays for the life of the bucket; its rule goes.
  remove: (s3, target) =>
    s3('PutObjectLockConfiguration', { ...target, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } }),
});
