// What tests of builds share: a cloud with clients, a role that may do everything, and builds run to their end.
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
  type Build,
  type CreateProjectCommandInput,
  type StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { startCloud, type Cloud } from '../../cloud.ts';

export class TestCodeBuild {
  readonly cloud: Cloud;
  readonly codebuild: CodeBuildClient;
  readonly s3: S3Client;
  readonly #logs: CloudWatchLogsClient;
  readonly #iam: IAMClient;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.codebuild = new CodeBuildClient(this.configuration);
    this.s3 = new S3Client(this.configuration);
    this.#logs = new CloudWatchLogsClient(this.configuration);
    this.#iam = new IAMClient(this.configuration);
  }

  static async start(): Promise<TestCodeBuild> {
    const test = new TestCodeBuild(await startCloud());
    await test.role('builder', '*');
    await test.s3.send(new CreateBucketCommand({ Bucket: 'builds' }));
    return test;
  }

  get configuration() {
    const { endpoint, credentials } = this.cloud;
    return { endpoint, region: 'us-east-1', credentials, forcePathStyle: true };
  }

  async role(RoleName: string, ...Action: string[]): Promise<string> {
    const AssumeRolePolicyDocument = policy({
      Principal: { Service: 'codebuild.amazonaws.com' },
      Action: 'sts:AssumeRole',
    });
    const { Role } = await this.#iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = policy({ Action, Resource: '*' });
    await this.#iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'work', PolicyDocument }));
    return Role!.Arn!;
  }

  async project(name: string, buildspec: object | string, settings: Partial<CreateProjectCommandInput> = {}) {
    const text = typeof buildspec === 'string' ? buildspec : JSON.stringify({ version: 0.2, ...buildspec });
    await this.codebuild.send(
      new CreateProjectCommand({
        name,
        serviceRole: 'arn:aws:iam::000000000000:role/builder',
        source: { type: 'NO_SOURCE', buildspec: text },
        artifacts: { type: 'NO_ARTIFACTS' },
        environment: {
          type: 'LINUX_CONTAINER',
          image: 'aws/codebuild/standard:7.0',
          computeType: 'BUILD_GENERAL1_SMALL',
        },
        ...settings,
      }),
    );
  }

  /** A new project's first build, at its end. */
  async run(name: string, buildspec: object | string, settings: Partial<CreateProjectCommandInput> = {}) {
    await this.project(name, buildspec, settings);
    return this.build(name);
  }

  async build(projectName: string, overrides: Partial<StartBuildCommandInput> = {}): Promise<Build> {
    const { build } = await this.codebuild.send(new StartBuildCommand({ projectName, ...overrides }));
    return this.ended(build!.id!);
  }

  async ended(id: string): Promise<Build> {
    for (;;) {
      const { builds } = await this.codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
      if (builds![0]!.buildComplete) return builds![0]!;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async log(build: Build): Promise<string[]> {
    const { groupName: logGroupName, streamName: logStreamName } = build.logs!;
    const page = new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true });
    return (await this.#logs.send(page)).events!.map(({ message }) => message!.trimEnd());
  }

  put(Key: string, Body: string | Uint8Array) {
    return this.s3.send(new PutObjectCommand({ Bucket: 'builds', Key, Body }));
  }

  async get(Key: string): Promise<Uint8Array> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: 'builds', Key }));
    return Body!.transformToByteArray();
  }

  async keys(Prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: 'builds', Prefix }));
    return Contents.map(({ Key }) => Key!);
  }
}

export const failure = (build: Build) => {
  const failed = build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED');
  return { phase: failed?.phaseType, ...failed?.contexts?.[0] };
};

const policy = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
