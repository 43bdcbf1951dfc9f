// The data sources that tell of who applies, where, and of what is there already.
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { rootPrincipal } from '../../kernel/identity/principal.ts';
import type { Door } from '../../kernel/service.ts';
import { TestRoot } from '../testing.ts';

const root = rootPrincipal('000000000000');
const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}';

let cloud: Cloud;
let door: Door;
let terraform: TestRoot;
let state: Map<string, Record<string, any>>;

beforeAll(async () => {
  cloud = await startCloud();
  terraform = new TestRoot(() => door.reattach);
  door = await cloud.kernel.openDoor({ principal: root, folder: terraform.folder });
  const invoke = (service: string, operation: string, input: object) =>
    cloud.kernel.invoke(service, operation, input, { principal: root, region: 'eu-central-1' });
  await invoke('iam', 'CreateRole', {
    RoleName: 'there',
    AssumeRolePolicyDocument: trust,
    Tags: [{ Key: 'Team', Value: 'a' }],
  });
  const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' };
  await invoke('s3', 'CreateBucket', { Bucket: 'there-already', CreateBucketConfiguration });
  await terraform.init({
    provider: { aws: { region: 'eu-central-1' } },
    data: {
      aws_caller_identity: { me: {} },
      aws_partition: { here: {} },
      aws_region: { here: {}, far: { region: 'us-west-2' }, of_host: { endpoint: 'ec2.eu-west-3.amazonaws.com' } },
      aws_iam_role: { there: { name: 'there' } },
      aws_s3_bucket: { there: { bucket: 'there-already' } },
    },
    // A root without a resource or an output keeps nothing in its state.
    output: { one: { value: 1 } },
  });
  await terraform.apply();
  state = await terraform.state();
});

afterAll(async () => {
  await door.close();
  await cloud.stop();
  terraform.remove();
});

test('what is not there is an error of the one that asks for it', async () => {
  const asking = new TestRoot(() => door.reattach);
  await asking.init({
    provider: { aws: { region: 'eu-central-1' } },
    data: {
      aws_region: { of_no_host: { endpoint: 'ec2.mars-1.amazonaws.com' } },
      aws_iam_role: { missing: { name: 'missing' } },
      aws_s3_bucket: { missing: { bucket: 'missing-bucket' } },
    },
  });
  const { diagnostics } = await asking.plan();
  expect(Object.fromEntries(diagnostics.map(({ address, summary }) => [address, summary]))).toEqual({
    'data.aws_region.of_no_host': 'reading Region: no region has the name "mars-1"',
    'data.aws_iam_role.missing': expect.stringMatching(/^reading IAM Role \(missing\): NoSuchEntity: /),
    'data.aws_s3_bucket.missing': expect.stringMatching(/^reading S3 Bucket \(missing-bucket\): NoSuchBucket: /),
  });
  asking.remove();
});

test('aws_caller_identity is the door’s principal', () => {
  expect(state.get('data.aws_caller_identity.me')).toEqual({
    id: '000000000000',
    account_id: '000000000000',
    arn: 'arn:aws:iam::000000000000:root',
    user_id: '000000000000',
  });
});

test('aws_partition is that of the region', () => {
  expect(state.get('data.aws_partition.here')).toEqual({
    id: 'aws',
    partition: 'aws',
    dns_suffix: 'amazonaws.com',
    reverse_dns_prefix: 'com.amazonaws',
  });
});

test.each([
  ['here', 'eu-central-1', 'Europe (Frankfurt)'],
  ['far', 'us-west-2', 'US West (Oregon)'],
  ['of_host', 'eu-west-3', 'Europe (Paris)'],
])('aws_region.%s is %s', (name, region, description) => {
  expect(state.get(`data.aws_region.${name}`)).toEqual({
    id: region,
    name: region,
    region,
    description,
    endpoint: `ec2.${region}.amazonaws.com`,
  });
});

test('aws_iam_role tells what IAM knows of it', () => {
  expect(state.get('data.aws_iam_role.there')).toMatchObject({
    id: 'there',
    arn: 'arn:aws:iam::000000000000:role/there',
    assume_role_policy: trust,
    max_session_duration: 3600,
    path: '/',
    permissions_boundary: '',
    role_last_used: [],
    tags: { Team: 'a' },
  });
});

test('aws_s3_bucket tells its names, in its own region', () => {
  expect(state.get('data.aws_s3_bucket.there')).toEqual({
    id: 'there-already',
    bucket: 'there-already',
    arn: 'arn:aws:s3:::there-already',
    bucket_domain_name: 'there-already.s3.amazonaws.com',
    bucket_region: 'eu-central-1',
    bucket_regional_domain_name: 'there-already.s3.eu-central-1.amazonaws.com',
    hosted_zone_id: 'Z21DNDUVLTQW6Q',
    region: 'eu-central-1',
    website_domain: null,
    website_endpoint: null,
  });
});
