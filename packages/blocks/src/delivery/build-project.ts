// A CodeBuild project with a pinned image, limits on time and number, its own role and its own log group.
import { CodebuildProject } from '@cdktn/provider-aws/lib/codebuild-project/index.js';
import { Construct } from 'constructs';

import { LogGroup } from '../observability/log-group.ts';
import { validate, type Rule } from '../rules.ts';
import { Role } from '../security/role.ts';
import type { Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';
import type { BucketObject } from '../storage/bucket-object.ts';
import type { Bucket } from '../storage/bucket.ts';
import { buildSpecYaml, type BuildSpec } from './build-spec.ts';
import { plainSecrets, readVariables, type BuildVariable } from './build-variables.ts';

export interface BuildProjectProps {
  /** The project's name. */
  readonly name: string;
  /** What a build does; shown in the console. */
  readonly description: string;
  /** A curated image with its version, e.g. `aws/codebuild/standard:7.0`. */
  readonly image: `aws/codebuild/${string}:${string}`;
  /** What a build runs, phase by phase. */
  readonly buildSpec: BuildSpec;
  /** A zip in a bucket, which a build starts in. @default no source */
  readonly source?: BucketObject;
  /** Variables of every build; a secret does not belong into a plain one. @default none */
  readonly variables?: Readonly<Record<string, BuildVariable>>;
  /** The machine: 2 vCPU and 4 GB, 4 and 7, or 8 and 15. @default small */
  readonly size?: 'small' | 'medium' | 'large';
  /** Minutes after which a running build is stopped. @default 60 */
  readonly timeoutMinutes?: number;
  /** Minutes after which a waiting build is given up: what it was to do may no longer be right. @default 5 */
  readonly queuedTimeoutMinutes?: number;
  /** Builds that may run at a time, to begin with: an operator may change it, and Terraform leaves it so. @default 1 */
  readonly concurrentBuilds?: number;
  /** Where logs are kept besides CloudWatch. @default nowhere */
  readonly logArchive?: { readonly bucket: Bucket; readonly prefix: string };
}

const SIZES = {
  small: 'BUILD_GENERAL1_SMALL',
  medium: 'BUILD_GENERAL1_MEDIUM',
  large: 'BUILD_GENERAL1_LARGE',
} as const;

/** A build project whose role may read its source and write its log, and nothing else until something is granted. */
export class BuildProject extends Construct {
  readonly resource: CodebuildProject;
  readonly name: string;
  readonly arn: string;
  /** What a build runs as. */
  readonly role: Role;
  readonly logs: LogGroup;

  constructor(scope: Construct, id: string, props: BuildProjectProps) {
    super(scope, id);
    validate(RULES, props);
    const stack = Stack.of(this);
    this.name = props.name;
    this.arn = stack.arnOf('codebuild', `project/${props.name}`);
    this.logs = new LogGroup(this, 'logs', { name: `/aws/codebuild/${props.name}` });
    this.role = new Role(this, 'role', {
      name: `${props.name}-build`,
      assumedBy: 'codebuild.amazonaws.com',
      description: `What builds of ${props.name} run as`,
    });
    this.logs.grantWrite(this.role);
    const buildspec = buildSpecYaml(props.buildSpec);

    this.resource = new CodebuildProject(this, 'Resource', {
      name: props.name,
      description: props.description,
      serviceRole: this.role.resource.arn,
      buildTimeout: props.timeoutMinutes ?? 60,
      queuedTimeout: props.queuedTimeoutMinutes ?? 5,
      concurrentBuildLimit: props.concurrentBuilds ?? 1,
      artifacts: { type: 'NO_ARTIFACTS' },
      source: props.source
        ? { type: 'S3', location: readSource(props.source, this.role), buildspec }
        : { type: 'NO_SOURCE', buildspec },
      environment: {
        type: 'LINUX_CONTAINER',
        computeType: SIZES[props.size ?? 'small'],
        image: props.image,
        imagePullCredentialsType: 'CODEBUILD',
        privilegedMode: false,
        environmentVariable: readVariables(props.variables ?? {}, this.role),
      },
      logsConfig: {
        cloudwatchLogs: { status: 'ENABLED', groupName: this.logs.resource.name },
        s3Logs: props.logArchive
          ? { status: 'ENABLED', location: archiveLogs(props.logArchive, this.role) }
          : { status: 'DISABLED' },
      },
      // Whoever is on call may lower the limit, to hold builds back; an apply does not overrule them.
      lifecycle: { ignoreChanges: ['concurrent_build_limit'] },
    });
  }

  /** Lets `to` start builds and see how they end. */
  grantStart(to: Grantee): void {
    to.allow({ actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'], resources: [this.arn] });
  }

  /** Lets Terraform, run by `to`, read the project as it is. */
  grantInspect(to: Grantee): void {
    to.allow({ actions: ['codebuild:BatchGetProjects'], resources: [this.arn] });
  }
}

const RULES: readonly Rule<BuildProjectProps>[] = [
  {
    code: 'project-name',
    holds: ({ name }) => /^[A-Za-z0-9][\w-]{1,149}$/.test(name),
    says: ({ name }) => `'${name}' is not a project name`,
    fix: 'Use 2 to 150 letters, digits, dashes and underscores.',
  },
  {
    code: 'image-not-pinned',
    holds: ({ image }) => /:\d/.test(image),
    says: ({ image }) => `the image '${image}' may be another one tomorrow`,
    fix: "Name its version, e.g. 'aws/codebuild/standard:7.0'.",
  },
  {
    // https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
    code: 'build-timeout',
    holds: ({ timeoutMinutes: minutes = 60 }) => Number.isInteger(minutes) && minutes >= 5 && minutes <= 2160,
    says: ({ timeoutMinutes }) => `a build cannot be stopped after ${timeoutMinutes} minutes`,
    fix: 'Give 5 to 2160 whole minutes.',
  },
  {
    code: 'queue-timeout',
    holds: ({ queuedTimeoutMinutes: minutes = 5 }) => Number.isInteger(minutes) && minutes >= 5 && minutes <= 480,
    says: ({ queuedTimeoutMinutes }) => `a build cannot wait for ${queuedTimeoutMinutes} minutes`,
    fix: 'Give 5 to 480 whole minutes.',
  },
  {
    code: 'concurrent-builds',
    holds: ({ concurrentBuilds: number = 1 }) => Number.isInteger(number) && number >= 1,
    says: ({ concurrentBuilds }) => `${concurrentBuilds} builds cannot run at a time`,
    fix: 'Give a whole number, at least 1.',
  },
  {
    code: 'plain-secret',
    holds: ({ variables = {} }) => plainSecrets(variables).length === 0,
    says: ({ variables = {} }) =>
      `the variable ${plainSecrets(variables)[0]} would show its value to whoever may see the project`,
    fix: "Keep it in Parameter Store or Secrets Manager: { parameter: '/name' } or { secretArn: '…' }.",
  },
];

// https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
function readSource({ resource, arn, bucketArn }: BucketObject, role: Role): string {
  role.allow({ actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: [arn] });
  role.allow({ actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'], resources: [bucketArn] });
  return `${resource.bucket}/${resource.key}`;
}

function archiveLogs({ bucket, prefix }: { bucket: Bucket; prefix: string }, role: Role): string {
  role.allow({ actions: ['s3:PutObject'], resources: [`${bucket.arn}/${prefix}/*`] });
  role.allow({ actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'], resources: [bucket.arn] });
  return `${bucket.resource.id}/${prefix}`;
}
