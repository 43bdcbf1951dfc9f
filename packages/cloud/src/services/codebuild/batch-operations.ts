// Batches in the CodeBuild API. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuildBatch.html
import type {
  BatchGetBuildBatchesCommandInput,
  DeleteBuildBatchCommandInput,
  ListBuildBatchesCommandInput,
  ListBuildBatchesForProjectCommandInput,
  RetryBuildBatchCommandInput,
  StartBuildBatchCommandInput,
  StatusType,
  StopBuildBatchCommandInput,
} from '@aws-sdk/client-codebuild';

import { requireOneOf } from '../../kernel/constraint.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { passRole, type Guard } from './access.ts';
import type { BatchRunner } from './batch-runner.ts';
import { batchShape, type Batch, type Batches } from './batches.ts';
import { withOverrides } from './build-overrides.ts';
import type { Builds } from './builds.ts';
import { batchNotFound, invalidInput } from './errors.ts';
import { findRepeated } from './idempotency.ts';
import { initiatorOf } from './initiator.ts';
import { listIds } from './page.ts';
import { projectArn, type Project, type Projects, type ProjectSettings } from './projects.ts';

const STATES: readonly StatusType[] = ['SUCCEEDED', 'FAILED', 'FAULT', 'TIMED_OUT', 'IN_PROGRESS', 'STOPPED'];

export function batchOperations(
  guard: Guard,
  projects: Projects,
  builds: Builds,
  batches: Batches,
  runner: BatchRunner,
  account: string,
) {
  const onProject =
    <Input>(action: string, name: (input: Input) => string | undefined) =>
    (input: Input, call: Call): Access[] => [guard.project(action, name(input), call)];
  const projectOf = (id: string | undefined) => (id ?? '').replace(/^arn:.*:build-batch\//, '').split(':')[0];
  const requireBatch = (id: string | undefined, { region }: Call): Batch => {
    const batch = batches.find(id ?? '');
    if (batch?.region !== region) throw batchNotFound(id ?? '');
    return batch;
  };
  const shape = (id: string) => ({ buildBatch: batchShape(batches.find(id)!, builds) });

  const start = (
    project: Project,
    settings: ProjectSettings,
    { sourceVersion, idempotencyToken }: StartBuildBatchCommandInput,
    call: Call,
  ): { buildBatch: ReturnType<typeof batchShape> } => {
    if (!settings.buildBatchConfig?.serviceRole)
      throw invalidInput(`Project ${project.name} has no buildBatchConfig with a service role`);
    const number = (project.batches ?? 0) + 1;
    const id = `${project.name}:${uuid()}`;
    projects.save({ ...project, batches: number });
    const batch: Batch = {
      id,
      arn: `arn:aws:codebuild:${project.region}:${account}:build-batch/${id}`,
      number,
      region: project.region,
      project: project.name,
      settings,
      initiator: initiatorOf(call.principal),
      sourceVersion: sourceVersion ?? settings.sourceVersion,
      startedAt: call.now,
      idempotencyToken,
      status: 'IN_PROGRESS',
      phases: [{ type: 'SUBMITTED', startedAt: call.now, endedAt: call.now, status: 'SUCCEEDED' }],
      groups: [],
      fastFail: false,
    };
    batches.save(batch);
    const answer = shape(id);
    runner.submit(batch);
    return answer;
  };

  return {
    StartBuildBatch: {
      access: (input: StartBuildBatchCommandInput, call: Call): Access[] => [
        guard.project('StartBuildBatch', input.projectName, call),
        ...passRole(input.serviceRoleOverride),
        ...passRole(input.buildBatchConfigOverride?.serviceRole),
      ],
      run: (input: StartBuildBatchCommandInput, call: Call) => {
        const { projectName, buildBatchConfigOverride, buildTimeoutInMinutesOverride: timeout, ...overrides } = input;
        const project = projects.require(call.region, projectName ?? '', projectArn(call.region, account, projectName));
        const repeated = findRepeated(batches.list(call.region, project.name), input.idempotencyToken, call.now);
        if (repeated) return shape(repeated.id);
        const settings = withOverrides(
          { ...project.settings, buildBatchConfig: buildBatchConfigOverride ?? project.settings.buildBatchConfig },
          { ...overrides, projectName, timeoutInMinutesOverride: timeout },
        );
        return start(project, settings, input, call);
      },
    },
    StopBuildBatch: {
      access: onProject('StopBuildBatch', ({ id }: StopBuildBatchCommandInput) => projectOf(id)),
      run: async ({ id }: StopBuildBatchCommandInput, call: Call) => {
        const batch = requireBatch(id, call);
        await runner.stop(batch.id);
        return shape(batch.id);
      },
    },
    RetryBuildBatch: {
      access: onProject('RetryBuildBatch', ({ id }: RetryBuildBatchCommandInput) => projectOf(id)),
      run: ({ id, retryType, idempotencyToken: token }: RetryBuildBatchCommandInput, call: Call) => {
        const batch = requireBatch(id, call);
        requireOneOf(retryType, 'retryType', ['RETRY_ALL_BUILDS', 'RETRY_FAILED_BUILDS'], invalidInput);
        if (token !== undefined && batch.retryToken === token) return shape(batch.id);
        if (batch.status === 'IN_PROGRESS') throw invalidInput(`Build batch ${batch.id} has not ended`);
        const again = (build: string | undefined) =>
          retryType !== 'RETRY_FAILED_BUILDS' || build === undefined || builds.find(build)?.status !== 'SUCCEEDED';
        for (const group of batch.groups.filter(({ build }) => again(build))) {
          if (group.build !== undefined) group.earlier.push(group.build);
          group.build = undefined;
        }
        const { endedAt: _ended, ...rest } = batch;
        batches.save({
          ...rest,
          retryToken: token,
          status: 'IN_PROGRESS',
          // Builds that were never read are read now; the others are started again.
          phases: [{ type: batch.groups.length > 0 ? 'IN_PROGRESS' : 'SUBMITTED', startedAt: call.now }],
        });
        runner.retry(batch.id);
        return shape(batch.id);
      },
    },
    BatchGetBuildBatches: {
      access: ({ ids }: BatchGetBuildBatchesCommandInput, call: Call): Access[] =>
        (ids ?? []).map((id) => guard.project('BatchGetBuildBatches', projectOf(id), call)),
      run: ({ ids = [] }: BatchGetBuildBatchesCommandInput, { region }: Call) => {
        const found = ids.map((id) => [id, batches.find(id)] as const);
        return {
          buildBatches: found.flatMap(([, batch]) => (batch?.region === region ? [batchShape(batch, builds)] : [])),
          buildBatchesNotFound: found.flatMap(([id, batch]) => (batch?.region === region ? [] : [id])),
        };
      },
    },
    ListBuildBatches: {
      access: (): Access[] => [{ action: 'codebuild:ListBuildBatches', resource: '*' }],
      run: (input: ListBuildBatchesCommandInput, call: Call) => listBatches(batches.list(call.region), input),
    },
    ListBuildBatchesForProject: {
      access: onProject(
        'ListBuildBatchesForProject',
        (input: ListBuildBatchesForProjectCommandInput) => input.projectName,
      ),
      run: ({ projectName = '', ...input }: ListBuildBatchesForProjectCommandInput, call: Call) => {
        const { name } = projects.require(call.region, projectName, projectArn(call.region, account, projectName));
        return listBatches(batches.list(call.region, name), input);
      },
    },
    DeleteBuildBatch: {
      access: onProject('DeleteBuildBatch', ({ id }: DeleteBuildBatchCommandInput) => projectOf(id)),
      run: ({ id }: DeleteBuildBatchCommandInput, call: Call) => {
        const batch = requireBatch(id, call);
        if (batch.status === 'IN_PROGRESS') throw invalidInput(`Build batch ${batch.id} has not ended`);
        const ids = batch.groups.flatMap(({ build, earlier }) => [...earlier, ...(build === undefined ? [] : [build])]);
        const arns = ids.flatMap((each) => builds.find(each)?.arn ?? []);
        for (const each of ids) builds.delete(each);
        batches.delete(batch.id);
        return { statusCode: 'SUCCESS', buildsDeleted: arns, buildsNotDeleted: [] };
      },
    },
  };
}

function listBatches(
  found: readonly Batch[],
  { filter, ...input }: Pick<ListBuildBatchesCommandInput, 'filter' | 'sortOrder' | 'nextToken'>,
) {
  requireOneOf(filter?.status, 'filter.status', STATES, invalidInput);
  return listIds(
    found.filter(({ status }) => filter?.status === undefined || status === filter.status),
    input,
  );
}
