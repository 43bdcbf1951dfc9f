// The S3 API, all of it that is here. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
import { accessOperations } from './access-operations.ts';
import { bucketOperations } from './bucket-operations.ts';
import { copyOperations } from './copy-operations.ts';
import { listingOperations } from './listing-operations.ts';
import { metricsOperations } from './metrics-operations.ts';
import { multipartOperations } from './multipart-operations.ts';
import { objectSettingsOperations } from './object-settings-operations.ts';
import { readOperations } from './read-operations.ts';
import type { S3 } from './service.ts';
import { settingsOperations } from './settings-operations.ts';
import { writeOperations } from './write-operations.ts';

export type S3Operations = ReturnType<typeof s3Operations>;

export function s3Operations(s3: S3) {
  return {
    ...bucketOperations(s3),
    ...accessOperations(s3),
    ...settingsOperations(s3),
    ...writeOperations(s3),
    ...readOperations(s3),
    ...copyOperations(s3),
    ...multipartOperations(s3),
    ...listingOperations(s3),
    ...objectSettingsOperations(s3),
    ...metricsOperations(s3),
  };
}
