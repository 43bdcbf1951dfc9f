// Functions, versions, aliases and who may do what with them, through the AWS SDK.
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type ListFunctionsCommandInput,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { ROLE, TestLambda, zip } from './test-lambda.ts';

const ECHO = 'export const handler = async (event) => event;';
const saying = (word: string) => `export const handler = async () => '${word}';`;

let test: TestLambda;

beforeAll(async () => {
  test = await TestLambda.start();
});

afterAll(() => test.stop());

/** A client of a user who may do what the statements say. */
async function user(name: string, ...Statement: object[]): Promise<LambdaClient> {
  await test.iam.send(new CreateUserCommand({ UserName: name }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  if (Statement.length > 0) {
    await test.iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'own', PolicyDocument }));
  }
  const { AccessKey } = await test.iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return new LambdaClient(
    test.as({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }),
  );
}

describe('a function', () => {
  it('has AWS’s defaults, and is there at once', async () => {
    const created = await test.create('plain', ECHO, { Tags: { Team: 'a' } });
    expect(created).toMatchObject({
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:plain',
      MemorySize: 128,
      Timeout: 3,
      State: 'Active',
      LastUpdateStatus: 'Successful',
      Version: '$LATEST',
      PackageType: 'Zip',
      Architectures: ['x86_64'],
      EphemeralStorage: { Size: 512 },
      TracingConfig: { Mode: 'PassThrough' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/plain' },
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+0000$/),
    });
    const found = await test.lambda.send(new GetFunctionCommand({ FunctionName: created.FunctionArn! }));
    expect(found).toMatchObject({ Tags: { Team: 'a' }, Configuration: { CodeSha256: created.CodeSha256 } });
    const download = await fetch(found.Code!.Location!);
    expect((await download.arrayBuffer()).byteLength).toBe(created.CodeSize);
    expect((await fetch(found.Code!.Location!.replace(/signature=..../, 'signature=0000'))).status).toBe(403);
    await expect(test.create('plain', ECHO)).rejects.toMatchObject({ name: 'ResourceConflictException' });
  });

  it.each([
    [{ Runtime: 'python3.13' }, 'Runtime python3.13 is not supported here: nodejs22.x and nodejs24.x are.'],
    [{ MemorySize: 64 }, /greater than or equal to 128/],
    [{ Timeout: 901 }, /less than or equal to 900/],
    [
      { Layers: ['arn:aws:lambda:us-east-1:1:layer:a:1'] },
      'The lambda action CreateFunction is not supported here with Layers.',
    ],
    [{ SnapStart: { ApplyOn: 'PublishedVersions' } }, 'SnapStart is not supported here.'],
    [{ PackageType: 'Image' }, 'PackageType Image is not supported here.'],
    [{ Tags: { 'aws:owner': 'me' } }, /reserved for AWS/],
    [{ TracingConfig: { Mode: 'On' } }, /tracingConfig.mode.*enum value set: \[Active, PassThrough\]/],
    [{ LoggingConfig: { LogFormat: 'XML' } }, /enum value set: \[Text, JSON\]/],
    [{ LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'LOUD' } }, /applicationLogLevel/],
    [{ LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'ERROR' } }, /systemLogLevel/],
    [{ Environment: { Variables: { AWS_REGION: 'x' } } }, /reserved keys/],
    [{ Environment: { Variables: { LONG: 'x'.repeat(4_096) } } }, /exceeded the 4KB limit/],
    [{ Code: { ZipFile: Buffer.from('no zip') } }, /Could not unzip/],
    [{ Code: {} }, /Please provide a source/],
    [{ Role: 'arn:aws:iam::000000000000:role/nobody' }, /cannot be assumed by Lambda/],
  ] as const)('is refused with %j', async (more, message) => {
    await expect(test.create('refused', ECHO, more as object)).rejects.toMatchObject({
      name: expect.stringMatching(/^((InvalidParameterValue|Validation)Exception|NotImplemented)$/),
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  it('changes by parts, refuses an old revision, and is gone when deleted', async () => {
    const created = await test.create('changing', saying('one'), { Environment: { Variables: { AA: '1' } } });
    const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'changing', MemorySize: 256 });
    const changed = await test.lambda.send(update);
    expect(changed).toMatchObject({ MemorySize: 256, Timeout: 3, Environment: { Variables: { AA: '1' } } });
    const stale = new UpdateFunctionCodeCommand({
      FunctionName: 'changing',
      ZipFile: zip(saying('two')),
      RevisionId: created.RevisionId,
    });
    await expect(test.lambda.send(stale)).rejects.toMatchObject({ name: 'PreconditionFailedException' });
    expect((await test.invoke('changing')).value).toBe('one');
    await test.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'changing', ZipFile: zip(saying('two')) }));
    expect((await test.invoke('changing')).value).toBe('two');
    await test.lambda.send(new DeleteFunctionCommand({ FunctionName: 'changing' }));
    await expect(test.invoke('changing')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('takes its code from S3, as the caller', async () => {
    const s3 = new S3Client({ ...test.as(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
    await s3.send(new PutObjectCommand({ Bucket: 'code', Key: 'a.zip', Body: zip(saying('from S3')) }));
    await test.create('from-s3', '', { Code: { S3Bucket: 'code', S3Key: 'a.zip' } });
    expect((await test.invoke('from-s3')).value).toBe('from S3');
    const deployer = await user('deployer', { Effect: 'Allow', Action: ['lambda:*'], Resource: '*' });
    const code = new UpdateFunctionCodeCommand({ FunctionName: 'from-s3', S3Bucket: 'code', S3Key: 'a.zip' });
    await expect(deployer.send(code)).rejects.toMatchObject({ message: expect.stringContaining('AccessDenied') });
  });

  it('is listed page by page, and counted', async () => {
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const answer = await test.lambda.send(new ListFunctionsCommand({ MaxItems: 2, Marker }));
      names.push(...answer.Functions!.map(({ FunctionName }) => FunctionName));
      Marker = answer.NextMarker;
    } while (Marker);
    expect(names).toEqual([...new Set(names)]);
    const { length } = names;
    const whole = await test.lambda.send(new ListFunctionsCommand({ MaxItems: length }));
    expect([whole.Functions?.length, whole.NextMarker]).toEqual([length, undefined]);
    for (const wrong of [{ MaxItems: 0 }, { MaxItems: 10_001 }, { Marker: 'Zm9yZWlnbg' }, { FunctionVersion: 'x' }]) {
      const list = new ListFunctionsCommand(wrong as ListFunctionsCommandInput);
      await expect(test.lambda.send(list)).rejects.toThrow(/maxItems|Invalid Marker|functionVersion/);
    }
    const { AccountUsage } = await test.lambda.send(new GetAccountSettingsCommand({}));
    expect(AccountUsage!.FunctionCount).toBe(names.length);
  });

  it('is listed to the end by who deletes what a page has', async () => {
    const other = new LambdaClient({ ...test.as(), region: 'eu-north-1' });
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const FunctionName of names) {
      const Code = { ZipFile: zip(ECHO) };
      const input = { FunctionName, Runtime: 'nodejs24.x' as const, Role: ROLE, Handler: 'index.handler', Code };
      await other.send(new CreateFunctionCommand(input));
    }
    const deleted: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const { Functions = [], NextMarker } = await other.send(new ListFunctionsCommand({ MaxItems: 2, Marker }));
      for (const { FunctionName } of Functions) {
        await other.send(new DeleteFunctionCommand({ FunctionName }));
        deleted.push(FunctionName);
      }
      Marker = NextMarker;
    } while (Marker);
    expect(deleted).toEqual(names);
  });

  it('lists its versions in their order, page by page', async () => {
    await test.create('versions', ECHO);
    for (let version = 1; version <= 11; version++) {
      const FunctionName = 'versions';
      await test.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: `${version}` }));
      await test.lambda.send(new PublishVersionCommand({ FunctionName }));
    }
    const found: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const input = { FunctionName: 'versions', MaxItems: 4, Marker };
      const answer = await test.lambda.send(new ListVersionsByFunctionCommand(input));
      found.push(...answer.Versions!.map(({ Version }) => Version));
      Marker = answer.NextMarker;
    } while (Marker);
    expect(found).toEqual(['$LATEST', ...Array.from({ length: 11 }, (_, index) => `${index + 1}`)]);
  });

  it('keeps its variables under a KMS key that its role may use, and fails without the key', async () => {
    const kms = new KMSClient(test.as());
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KMSKeyArn = KeyMetadata!.Arn!;
    const variables = { Environment: { Variables: { SECRET: 'kept' } } };
    await test.create('sealed', 'export const handler = async () => process.env.SECRET;', { ...variables, KMSKeyArn });
    expect((await test.invoke('sealed')).value).toBe('kept');
    await kms.send(new DisableKeyCommand({ KeyId: KMSKeyArn }));
    await expect(test.invoke('sealed')).rejects.toMatchObject({ name: 'KMSAccessDeniedException' });
    const seen = await test.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'sealed' }));
    expect(seen.Environment).toMatchObject({ Error: { ErrorCode: 'AccessDeniedException' } });
    await kms.send(new EnableKeyCommand({ KeyId: KMSKeyArn }));
  });
});

describe('versions and aliases', () => {
  it('stay as they were published, and an alias shares its events between two', async () => {
    await test.create('versioned', saying('v1'));
    const publish = new PublishVersionCommand({ FunctionName: 'versioned' });
    expect(await test.lambda.send(publish)).toMatchObject({ Version: '1' });
    expect(await test.lambda.send(publish)).toMatchObject({ Version: '1' });
    const code = { FunctionName: 'versioned', ZipFile: zip(saying('v2')), Publish: true };
    expect(await test.lambda.send(new UpdateFunctionCodeCommand(code))).toMatchObject({ Version: '2' });
    const { Versions } = await test.lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'versioned' }));
    expect(Versions!.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
    expect(await test.invoke('versioned', {}, { Qualifier: '1' })).toMatchObject({ value: 'v1', version: '1' });
    const alias = { FunctionName: 'versioned', Name: 'live', FunctionVersion: '1' };
    await test.lambda.send(new CreateAliasCommand(alias));
    expect(await test.invoke('versioned:live')).toMatchObject({ value: 'v1', version: '1' });
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.5 } };
    await test.lambda.send(new UpdateAliasCommand({ FunctionName: 'versioned', Name: 'live', RoutingConfig }));
    const answers = new Set<string>();
    for (let count = 0; count < 40; count++)
      answers.add((await test.invoke('versioned', {}, { Qualifier: 'live' })).value);
    expect([...answers].toSorted()).toEqual(['v1', 'v2']);
    const aliasesOf = async (FunctionVersion: string) =>
      (await test.lambda.send(new ListAliasesCommand({ FunctionName: 'versioned', FunctionVersion }))).Aliases!.length;
    // No version is called so, though every object of JavaScript has something that is.
    expect([await aliasesOf('2'), await aliasesOf('3'), await aliasesOf('constructor')]).toEqual([1, 0, 0]);
    const needed = new DeleteFunctionCommand({ FunctionName: 'versioned', Qualifier: '2' });
    await expect(test.lambda.send(needed)).rejects.toMatchObject({ name: 'ResourceConflictException' });
  });
});

describe('permissions', () => {
  it('are needed for the role that a function gets', async () => {
    const lambda = { Effect: 'Allow', Action: 'lambda:*', Resource: '*' };
    const pass = { Effect: 'Allow', Action: 'iam:PassRole', Resource: ROLE };
    const create = (client: LambdaClient) => new TestLambda(test.cloud).create.call({ lambda: client }, 'passed', ECHO);
    await expect(create(await user('without-role', lambda))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('iam:PassRole'),
    });
    const condition = { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } };
    await expect(create(await user('with-role', lambda, { ...pass, Condition: condition }))).resolves.toBeDefined();
  });

  it('come from the caller’s policies or from the function’s, each for its own qualifier', async () => {
    await test.create('guarded', saying('in'));
    await test.lambda.send(new PublishVersionCommand({ FunctionName: 'guarded' }));
    await test.lambda.send(new CreateAliasCommand({ FunctionName: 'guarded', Name: 'open', FunctionVersion: '1' }));
    const guest = await user('guest');
    const invoke = (Qualifier?: string) => guest.send(new InvokeCommand({ FunctionName: 'guarded', Qualifier }));
    await expect(invoke()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('lambda:InvokeFunction'),
    });
    const permission = {
      FunctionName: 'guarded',
      Qualifier: 'open',
      StatementId: 'guest',
      Action: 'lambda:InvokeFunction',
      Principal: 'arn:aws:iam::000000000000:user/guest',
    };
    const { Statement } = await test.lambda.send(new AddPermissionCommand(permission));
    expect(JSON.parse(Statement!)).toEqual({
      Sid: 'guest',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::000000000000:user/guest' },
      Action: 'lambda:InvokeFunction',
      Resource: 'arn:aws:lambda:us-east-1:000000000000:function:guarded:open',
    });
    await expect(invoke('open')).resolves.toMatchObject({ StatusCode: 200 });
    await expect(invoke()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(test.lambda.send(new AddPermissionCommand(permission))).rejects.toMatchObject({
      name: 'ResourceConflictException',
    });
    const { FunctionName, Qualifier } = permission;
    await test.lambda.send(new RemovePermissionCommand({ FunctionName, Qualifier, StatementId: 'guest' }));
    await expect(invoke('open')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const policy = test.lambda.send(new GetPolicyCommand({ FunctionName, Qualifier }));
    await expect(policy).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('let a service in for the source that they name', async () => {
    await test.create('called-back', saying('in'));
    await test.lambda.send(
      new AddPermissionCommand({
        FunctionName: 'called-back',
        StatementId: 'topic',
        Action: 'lambda:InvokeFunction',
        Principal: 'sns.amazonaws.com',
        SourceArn: 'arn:aws:sns:us-east-1:000000000000:alerts-*',
        SourceAccount: '000000000000',
      }),
    );
    const { kernel } = test.cloud;
    const as = { principal: servicePrincipal(kernel.account, 'sns.amazonaws.com'), region: 'us-east-1' };
    const invoke = (topic: string) =>
      kernel.invoke(
        'lambda',
        'Invoke',
        { FunctionName: 'called-back' },
        { ...as, sourceArn: `arn:aws:sns:us-east-1:000000000000:${topic}` },
      );
    await expect(invoke('alerts-critical')).resolves.toMatchObject({ StatusCode: 200 });
    await expect(invoke('others')).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
});
