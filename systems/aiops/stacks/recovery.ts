// The recovery project: a build that applies the last known good Terraform root again, and may do little else.
import {
  BucketObject,
  BuildProject,
  bundleNode,
  grantState,
  stateKey,
  type Bucket,
  type Stack,
  type Table,
} from '@plinth/blocks';

import { recoveryBuildSpec } from './recovery-build-spec.ts';

export interface RecoveryParts {
  /** Keeps the kit, the roots to restore, and the records of restoring them. */
  readonly artifacts: Bucket;
  readonly incidents: Table;
}

/** The most that may be restored at a time: what the whole system may start in an hour. */
const CONCURRENT_BUILDS = 5;

export async function recoveryProject(stack: Stack, { artifacts, incidents }: RecoveryParts): Promise<BuildProject> {
  const { system, environment } = stack;
  const { zip } = await bundleNode({
    entry: new URL('../app/recovery/main.ts', import.meta.url),
    file: 'recover.mjs',
  });
  const kit = new BucketObject(stack, 'kit', {
    bucket: artifacts,
    prefix: 'recovery/',
    name: 'recovery',
    extension: '.zip',
    bytes: zip,
    contentType: 'application/zip',
  });

  const project = new BuildProject(stack, 'recovery', {
    name: 'aiops-devops-agent-apply',
    description: 'Restores infrastructure from its last known good Terraform root',
    image: 'aws/codebuild/standard:7.0',
    timeoutMinutes: 60,
    queuedTimeoutMinutes: 5,
    concurrentBuilds: CONCURRENT_BUILDS,
    source: kit,
    buildSpec: recoveryBuildSpec,
    variables: {
      TF_STATE_BUCKET: stack.withAccount(system.state.bucket),
      TF_LOCK_TABLE: system.state.table,
      TF_LOCK_TIMEOUT: '5m',
      PLINTH_SYSTEM: system.name,
      PLINTH_ENVIRONMENT: environment,
      PLINTH_STACK: 'global',
      PLINTH_ARTIFACTS_BUCKET: artifacts.resource.bucket,
    },
    logArchive: { bucket: artifacts, prefix: 'logs' },
  });

  const { role } = project;
  // The state of this stack, its lock, the roots to restore, and a record of what was done.
  grantState(stack, role, stateKey(system, 'global', environment));
  artifacts.grantRead(role, `roots/${system.name}/`);
  artifacts.grantWrite(role, `records/${system.name}/`);
  // What a build may bring back.
  incidents.grantRestore(role);
  project.logs.grantRestore(role);
  // What it may only look at, because it stands on it: a program never widens its own permission.
  artifacts.grantInspect(role);
  kit.grantInspect(role);
  project.grantInspect(role);
  role.grantInspect(role);
  return project;
}
