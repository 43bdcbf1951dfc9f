// The data sources that tell of who applies, where, and of what is there already.
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { rootPrincipal } from '../../kernel/identity/principal.ts';
import type { Door } from '../../kernel/service.ts';
import { TestRoot, type Diagnostic } from '../testing.ts';

const root = rootPrincipal('000000000000');
const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}';

let cloud: Cloud;
let door: Door;
let terraform: TestRoot;
let problems: Diagnostic[];
let state: Map<string, Record<string, any>>;

beforeAll(async () => {
  cloud = await startCloud();
  terraform = new TestRoot(() => door.reattach);
  door = await cloud.kernel.openDoor({ principal: root, folder: terraform.folder });
  const invoke = (service: string, operation: string, input: object) =>
    cloud.kernel.invoke<object, any>(service, operation, input, { principal: root, region: 'eu-central-1' });
  await invoke('iam', 'CreateRole', {
    RoleName: 'there',
    AssumeRolePolicyDocument: trust,
    Tags: [{ Key: 'Team', Value: 'a' }],
  });
  const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' };
  await invoke('s3', 'CreateBucket', { Bucket: 'there-already', CreateBucketConfiguration });
  const { KeyMetadata: key } = await invoke('kms', 'CreateKey', { Description: 'There' });
  await invoke('kms', 'CreateAlias', { AliasName: 'alias/there', TargetKeyId: key.KeyId });
  await invoke('secretsmanager', 'CreateSecret', { Name: 'there', SecretString: 'hush', KmsKeyId: 'alias/there' });
  await invoke('ssm', 'PutParameter', { Name: '/there/shown', Type: 'String', Value: 'one' });
  await invoke('ssm', 'PutParameter', { Name: '/there/below/hidden', Type: 'SecureString', Value: 'hush' });
  await terraform.init({
    provider: { aws: { region: 'eu-central-1' } },
    data: {
      aws_kms_alias: { there: { name: 'alias/there' }, managed: { name: 'alias/aws/s3' } },
      aws_kms_key: { there: { key_id: 'alias/there' } },
      aws_secretsmanager_random_password: { plain: {}, short: { password_length: 8, exclude_punctuation: true } },
      aws_secretsmanager_secret: { there: { name: 'there' } },
      aws_secretsmanager_secret_version: { there: { secret_id: 'there' } },
      aws_ssm_parameter: {
        shown: { name: '/there/shown' },
        hidden: { name: '/there/below/hidden' },
        sealed: { name: '/there/below/hidden', with_decryption: false },
      },
      aws_ssm_parameters_by_path: { one: { path: '/there' }, all: { path: '/there', recursive: true } },
      aws_caller_identity: { me: {} },
      aws_partition: { here: {} },
      aws_region: { here: {}, far: { region: 'us-west-2' }, of_host: { endpoint: 'ec2.eu-west-3.amazonaws.com' } },
      aws_iam_role: { there: { name: 'there' } },
      aws_s3_bucket: { there: { bucket: 'there-already' } },
    },
    // A root without a resource or an output keeps nothing in its state.
    output: { one: { value: 1 } },
  });
  problems = await terraform.apply();
  state = await terraform.state();
});

afterAll(async () => {
  await door.close();
  await cloud.stop();
  terraform.remove();
});

test('all that is there can be read', () => {
  expect(problems).toEqual([]);
});

test('what is not there is an error of the one that asks for it', async () => {
  const asking = new TestRoot(() => door.reattach);
  await asking.init({
    provider: { aws: { region: 'eu-central-1' } },
    data: {
      aws_region: { of_no_host: { endpoint: 'ec2.mars-1.amazonaws.com' } },
      aws_iam_role: { missing: { name: 'missing' } },
      aws_s3_bucket: { missing: { bucket: 'missing-bucket' } },
      aws_kms_alias: { missing: { name: 'alias/missing' } },
      aws_kms_key: { missing: { key_id: 'alias/missing' } },
      aws_secretsmanager_secret: { missing: { name: 'missing' } },
      aws_secretsmanager_secret_version: { missing: { secret_id: 'missing' } },
      aws_ssm_parameter: { missing: { name: 'missing' } },
    },
  });
  const { diagnostics } = await asking.plan();
  expect(Object.fromEntries(diagnostics.map(({ address, summary }) => [address, summary]))).toEqual({
    'data.aws_region.of_no_host': 'reading Region: no region has the name "mars-1"',
    'data.aws_iam_role.missing': expect.stringMatching(/^reading IAM Role \(missing\): NoSuchEntity: /),
    'data.aws_s3_bucket.missing': expect.stringMatching(/^reading S3 Bucket \(missing-bucket\): NoSuchBucket: /),
    'data.aws_kms_alias.missing': 'reading KMS Alias (alias/missing): empty result',
    'data.aws_kms_key.missing': expect.stringMatching(/^reading KMS Key \(alias\/missing\): NotFoundException: /),
    'data.aws_secretsmanager_secret.missing': expect.stringMatching(/\(missing\): ResourceNotFoundException: /),
    'data.aws_secretsmanager_secret_version.missing': expect.stringMatching(/\(missing\): ResourceNotFoundException: /),
    'data.aws_ssm_parameter.missing': expect.stringMatching(/\(missing\): ParameterNotFound: /),
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

const KEY = expect.stringMatching(/^arn:aws:kms:eu-central-1:000000000000:key\/[0-9a-f-]{36}$/);

test('aws_kms_key tells of a key by its alias, and aws_kms_alias of its target', () => {
  const key = state.get('data.aws_kms_key.there')!;
  expect(key).toMatchObject({
    arn: KEY,
    description: 'There',
    enabled: true,
    key_manager: 'CUSTOMER',
    key_spec: 'SYMMETRIC_DEFAULT',
    key_usage: 'ENCRYPT_DECRYPT',
    deletion_date: null,
    pending_deletion_window_in_days: 0,
  });
  expect(state.get('data.aws_kms_alias.there')).toEqual({
    id: 'arn:aws:kms:eu-central-1:000000000000:alias/there',
    arn: 'arn:aws:kms:eu-central-1:000000000000:alias/there',
    name: 'alias/there',
    region: 'eu-central-1',
    target_key_arn: key['arn'],
    target_key_id: key['id'],
  });
  expect(state.get('data.aws_kms_alias.managed')).toMatchObject({ target_key_arn: KEY });
});

test('aws_secretsmanager_secret and its version tell what is kept, and under which key', () => {
  const arn = expect.stringMatching(/^arn:aws:secretsmanager:eu-central-1:000000000000:secret:there-\w{6}$/);
  expect(state.get('data.aws_secretsmanager_secret.there')).toMatchObject({
    arn,
    kms_key_id: 'alias/there',
    name: 'there',
    policy: '',
    tags: {},
  });
  expect(state.get('data.aws_secretsmanager_secret_version.there')).toMatchObject({
    id: 'there|AWSCURRENT',
    arn,
    secret_binary: '',
    secret_string: 'hush',
    version_stage: 'AWSCURRENT',
    version_stages: ['AWSCURRENT'],
  });
});

test('aws_secretsmanager_random_password makes one as asked', () => {
  expect(state.get('data.aws_secretsmanager_random_password.plain')?.['random_password']).toHaveLength(32);
  expect(state.get('data.aws_secretsmanager_random_password.short')?.['random_password']).toMatch(/^[0-9A-Za-z]{8}$/);
});

test('aws_ssm_parameter shows what is no secret, and opens what is unless told not to', () => {
  expect(state.get('data.aws_ssm_parameter.shown')).toMatchObject({
    arn: 'arn:aws:ssm:eu-central-1:000000000000:parameter/there/shown',
    insecure_value: 'one',
    type: 'String',
    value: 'one',
    version: 1,
  });
  expect(state.get('data.aws_ssm_parameter.hidden')).toMatchObject({ insecure_value: '', value: 'hush' });
  expect(state.get('data.aws_ssm_parameter.sealed')?.['value']).not.toContain('hush');
});

test('aws_ssm_parameters_by_path lists a path, and all below it where asked', () => {
  expect(state.get('data.aws_ssm_parameters_by_path.one')).toMatchObject({ names: ['/there/shown'], values: ['one'] });
  expect(state.get('data.aws_ssm_parameters_by_path.all')).toMatchObject({
    names: ['/there/below/hidden', '/there/shown'],
    types: ['SecureString', 'String'],
    values: ['hush', 'one'],
  });
});
