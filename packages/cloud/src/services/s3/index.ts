// Amazon S3.
//
// Answers: buckets with policies, versions, encryption, ownership, the block of public access, CORS, tags, lifecycle at
// midnight on the cloud's clock, object lock, notifications and events; objects in one piece or many, copies, ranges,
// checksums, conditions, listings, presigned URLs, form uploads, websites, replication, access logs, metrics of requests and
// storage.
// Gaps: Select, Inventory, Analytics, access points, directory buckets, annotations, event holds, xxHash checksums (501 or a
// precise refusal); the setting for acceleration is kept, and has no effect; nobody is charged, whoever pays.
// By design: small objects live in the store, larger ones in files beside it; a bucket's owner is always this account.
// Replicas follow their source's tags, locks and ACLs; changes of replicas do not go back.
// Client quirks: us-east-1 answers for a bucket that is there already as if it had just been made, as S3 does.
import type { Kernel, Service } from '../../kernel/service.ts';
import { bucketOf } from '../../wire/bucket.ts';
import { checkBody } from './body-check.ts';
import { answerPreflight, bucketAsked, crossOriginHeaders } from './cors.ts';
import { LifecycleRun } from './lifecycle-run.ts';
import { measure } from './measurements.ts';
import { s3Operations } from './operations.ts';
import { answerForm } from './post-upload.ts';
import { s3Resources } from './resources.ts';
import { createS3 } from './service.ts';
import { UNSUPPORTED } from './unsupported.ts';
import { answerVisit } from './website.ts';

export function s3(kernel: Kernel): Service {
  const parts = createS3(kernel);
  const lifecycle = new LifecycleRun(parts);
  const operations = s3Operations(parts);
  let stopMeasuring = () => {};
  return {
    name: 's3',
    client: 's3',
    operations,
    serve: (request, source) =>
      answerVisit(parts, operations.GetObject, request) ?? answerForm(parts, operations.PutObject, request, source),
    crossOrigin: {
      preflight: (request) => answerPreflight(bucketAsked(parts.buckets, request), request),
      headers: (request) => crossOriginHeaders(bucketAsked(parts.buckets, request), request),
    },
    // Who may not see a bucket may still ask where it is: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    errorHeaders: (request) => {
      const bucket = bucketAsked(parts.buckets, request);
      return bucket && bucketOf(request).path === '/' ? { 'x-amz-bucket-region': bucket.region } : {};
    },
    unsupported: UNSUPPORTED,
    checkBody,
    resources: s3Resources,
    missingInputCode: 'MalformedXML',
    start: () => {
      parts.blobs.sweep();
      lifecycle.start();
      parts.events.resume();
      parts.replication.resume();
      parts.restores.start();
      parts.logs.start();
      stopMeasuring = measure(parts);
    },
    stop: () => {
      lifecycle.stop();
      parts.events.stop();
      parts.replication.stop();
      parts.restores.stop();
      parts.logs.stop();
      stopMeasuring();
    },
    describeResource: (arn, action, call) => {
      const [, bucket, key] = /^arn:aws:s3:::([^/]+)(?:\/(.+))?$/.exec(arn) ?? [];
      if (!parts.buckets.find(bucket)) return undefined;
      if (key === undefined) return parts.guard.bucket(action, bucket, call);
      return parts.guard.existing(action, action, { Bucket: bucket, Key: key }, call)[0];
    },
  };
}
