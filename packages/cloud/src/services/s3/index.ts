// Amazon S3.
import type { Kernel, Service } from '../../kernel/service.ts';
import { s3Operations } from './operations.ts';
import { s3Resources } from './resources.ts';
import { createS3 } from './service.ts';

export function s3(kernel: Kernel): Service {
  const parts = createS3(kernel);
  return {
    name: 's3',
    client: 's3',
    operations: s3Operations(parts),
    resources: s3Resources,
    missingInputCode: 'MalformedXML',
    start: () => parts.blobs.sweep(),
    describeResource: (arn, action, call) => {
      const [, bucket, key] = /^arn:aws:s3:::([^/]+)(?:\/(.+))?$/.exec(arn) ?? [];
      if (bucket === undefined) return undefined;
      if (key === undefined) return parts.guard.bucket(action, bucket, call);
      return parts.guard.existing(action, action, { Bucket: bucket, Key: key }, call)[0];
    },
  };
}
