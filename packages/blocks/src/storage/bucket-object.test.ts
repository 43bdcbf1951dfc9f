import { describe, expect, test } from 'vitest';

import { grants, resource, testRole, testStack } from '../testing.ts';
import { BucketObject } from './bucket-object.ts';
import { Bucket } from './bucket.ts';

const object = (content: string) => {
  const stack = testStack();
  const bucket = new Bucket(stack, 'code', { name: 'shop-code' });
  const kit = new BucketObject(stack, 'kit', {
    bucket,
    prefix: 'kits/',
    name: 'kit',
    extension: '.txt',
    bytes: Buffer.from(content),
    contentType: 'text/plain',
  });
  return { stack, kit };
};

describe('BucketObject', () => {
  test('the content decides key, file and ETag', () => {
    const { stack } = object('hello');

    expect(resource(stack, 'aws_s3_object.kit')).toMatchInlineSnapshot(`
      {
        "bucket": "\${aws_s3_bucket.code.id}",
        "content_type": "text/plain",
        "depends_on": [
          "aws_s3_bucket_versioning.code",
        ],
        "etag": "5d41402abc4b2a76b9719d911017c592",
        "key": "kits/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.txt",
        "source": "assets/kit-2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.txt",
      }
    `);
    expect(Object.fromEntries(stack.assets)).toEqual({
      [resource(stack, 'aws_s3_object.kit')['source'] as string]: Buffer.from('hello'),
    });
  });

  test('other content gets another key at the same address', () => {
    expect(object('hello').kit.key).not.toBe(object('world').kit.key);
    expect(resource(object('world').stack, 'aws_s3_object.kit')).toHaveProperty('key');
  });

  test('grantInspect reads this object only', () => {
    const { stack, kit } = object('hello');
    kit.grantInspect(testRole(stack));

    expect(grants(stack)).toEqual([
      `s3:GetObject on arn:aws:s3:::shop-code/${kit.key}`,
      `s3:GetObjectTagging on arn:aws:s3:::shop-code/${kit.key}`,
    ]);
  });
});
