// The last known good: each applied root is kept, by its digest, in the system's recovery bucket, so that a build can
// apply it again when somebody or something broke what it made.
import { packRoot, publicationOf } from '@plinth/blocks';

import type { Root } from './root.ts';
import { sdkConfiguration } from './sdk.ts';

/** Publishes the root as the last known good of its stack; answers its digest. */
export async function publishRoot(root: Root): Promise<string> {
  const { system, environment } = root.selection;
  const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const archive = await packRoot(root.folder);
  const { bucket, objects } = publicationOf(system, {
    stack: root.stack.name,
    environment,
    account: root.target.account,
    engine: { name: root.engine.name, version: root.engine.version },
    appliedAt: new Date(),
    root: archive,
  });
  const client = new S3Client(sdkConfiguration(root.target));
  try {
    for (const { key, body, contentType } of objects) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
    }
    return archive.digest;
  } finally {
    client.destroy();
  }
}
