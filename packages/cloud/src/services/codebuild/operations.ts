// The CodeBuild API. https://docs.aws.amazon.com/codebuild/latest/APIReference/Welcome.html
import type {
  BatchDeleteBuildsCommandInput,
  BatchGetBuildsCommandInput,
  BatchGetProjectsCommandInput,
  CreateProjectCommandInput,
  InvalidateProjectCacheCommandInput,
  ListBuildsCommandInput,
  ListBuildsForProjectCommandInput,
  ListProjectsCommandInput,
  RetryBuildCommandInput,
  StartBuildCommandInput,
  UpdateProjectCommandInput,
} from '@aws-sdk/client-codebuild';

import { uuid } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { passRole, tagContext, type Guard } from './access.ts';
import type { AutoRetry } from './auto-retry.ts';
import { withOverrides } from './build-overrides.ts';
import { buildShape, type Build, type Builds } from './builds.ts';
import { buildNotFound, invalidInput } from './errors.ts';
import { findRepeated } from './idempotency.ts';
import { initiatorOf } from './initiator.ts';
import { listIds, listSorted } from './page.ts';
import {
  projectArn,
  projectShape,
  withDefaults,
  type Project,
  type Projects,
  type ProjectSettings,
} from './projects.ts';
import type { Runner } from './runner.ts';

export type CodeBuildOperations = ReturnType<typeof codebuildOperations>;

export function codebuildOperations(guard: Guard, projects: Projects, builds: Builds, runner: Runner, account: string) {
  const on =
    <Input>(action: string, name: (input: Input) => string | undefined) =>
    (input: Input, call: Call): Access[] => [guard.project(action, name(input), call)];
  const kmsKey = (region: string) => `arn:aws:kms:${region}:${account}:alias/aws/s3`;
  const requireProject = (name: string | undefined, call: Call) =>
    projects.require(call.region, name ?? '', projectArn(call.region, account, name));
  const findBuild = (id: string, call: Call) => {
    const build = builds.find(id);
    return build?.region === call.region ? build : undefined;
  };
  const requireBuild = (id: string | undefined, call: Call): Build => {
    const build = findBuild(id ?? '', call);
    if (!build) throw buildNotFound(id ?? '');
    return build;
  };
  const ofBuilds =
    (action: string) =>
    (input: { ids?: string[] | undefined; id?: string | undefined }, call: Call): Access[] =>
      (input.ids ?? [input.id ?? '']).map((id) =>
        guard.project(action, id.replace(/^arn:.*:build\//, '').split(':')[0], call),
      );

  const start = (
    project: Project,
    settings: ProjectSettings,
    input: { sourceVersion?: string | undefined; idempotencyToken?: string | undefined; autoRetry?: AutoRetry },
    call: Call,
  ) => {
    const number = project.builds + 1;
    const id = `${project.name}:${uuid()}`;
    const build: Build = {
      id,
      arn: `arn:aws:codebuild:${project.region}:${account}:build/${id}`,
      number,
      region: project.region,
      project: project.name,
      settings,
      initiator: initiatorOf(call.principal),
      // A batch starts its builds on its own behalf.
      ...(isOfBatch(call) && { batch: call.sourceArn }),
      sourceVersion: input.sourceVersion ?? settings.sourceVersion,
      startedAt: call.now,
      idempotencyToken: input.idempotencyToken,
      ...(input.autoRetry && { autoRetry: input.autoRetry }),
      status: 'IN_PROGRESS',
      phases: [
        { type: 'SUBMITTED', startedAt: call.now, endedAt: call.now, status: 'SUCCEEDED' },
        { type: 'QUEUED', startedAt: call.now },
      ],
      exported: [],
    };
    projects.save({ ...project, builds: number });
    builds.save(build);
    const answer = buildShape(build, account);
    runner.submit(build);
    return { build: answer };
  };

  return {
    CreateProject: {
      access: (input: CreateProjectCommandInput, call: Call): Access[] => [
        guard.project('CreateProject', input.name, call, tagContext(input.tags)),
        ...passRole(input.serviceRole),
        ...passRole(input.buildBatchConfig?.serviceRole),
      ],
      run: ({ name, tags, ...settings }: CreateProjectCommandInput, call: Call) => {
        if (!settings.source || !settings.artifacts || !settings.environment)
          throw invalidInput('source, artifacts and environment are required');
        const project: Project = {
          name: name ?? '',
          arn: projectArn(call.region, account, name),
          region: call.region,
          createdAt: call.now,
          modifiedAt: call.now,
          settings: withDefaults(settings, kmsKey(call.region)),
          tags: (tags ?? []).map(lowerTag),
          builds: 0,
        };
        projects.create(project);
        return { project: projectShape(project) };
      },
    },
    UpdateProject: {
      access: (input: UpdateProjectCommandInput, call: Call): Access[] => [
        guard.project('UpdateProject', input.name, call, tagContext(input.tags)),
        ...passRole(input.serviceRole),
        ...passRole(input.buildBatchConfig?.serviceRole),
      ],
      run: ({ name, tags, ...changes }: UpdateProjectCommandInput, call: Call) => {
        const project = requireProject(name, call);
        const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
        const { buildBatchConfig: batches } = changes;
        if (batches && Object.keys(batches).length === 0) given['buildBatchConfig'] = undefined;
        if (changes.sourceVersion === '') given['sourceVersion'] = undefined;
        const updated: Project = {
          ...project,
          modifiedAt: call.now,
          settings: withDefaults({ ...project.settings, ...given }, kmsKey(call.region)),
          tags: tags === undefined ? project.tags : tags.map(lowerTag),
        };
        projects.save(updated);
        return { project: projectShape(updated) };
      },
    },
    DeleteProject: {
      access: on('DeleteProject', (input: { name?: string }) => input.name),
      run: (input: { name: string | undefined }, call: Call) => {
        // As in AWS, deleting what is not there succeeds, and builds outlive their project.
        projects.delete(call.region, input.name ?? '');
        return {};
      },
    },
    InvalidateProjectCache: {
      access: (input: InvalidateProjectCacheCommandInput, call: Call): Access[] => [
        guard.project('InvalidateProjectCache', input.projectName, call),
      ],
      run: (input: InvalidateProjectCacheCommandInput, call: Call) => {
        projects.save({ ...requireProject(input.projectName, call), cacheGeneration: uuid() });
        return {};
      },
    },
    BatchGetProjects: {
      access: (input: BatchGetProjectsCommandInput, call: Call): Access[] =>
        (input.names ?? []).map((name) => guard.project('BatchGetProjects', name, call)),
      run: (input: BatchGetProjectsCommandInput, call: Call) => {
        const found = (input.names ?? []).map((name) => [name, projects.find(call.region, name)] as const);
        return {
          projects: found.flatMap(([, project]) => (project ? [projectShape(project)] : [])),
          projectsNotFound: found.flatMap(([name, project]) => (project ? [] : [name])),
        };
      },
    },
    ListProjects: {
      access: (): Access[] => [{ action: 'codebuild:ListProjects', resource: '*' }],
      run: (input: ListProjectsCommandInput, call: Call) => {
        const { items, nextToken } = listSorted(projects.list(call.region), input);
        return { projects: items.map(({ name }) => name), nextToken };
      },
    },
    StartBuild: {
      access: (input: StartBuildCommandInput, call: Call): Access[] => [
        ...on('StartBuild', (given: StartBuildCommandInput) => given.projectName)(input, call),
        // Who started a batch was asked for it.
        ...(isOfBatch(call) ? [] : passRole(input.serviceRoleOverride)),
      ],
      run: (input: StartBuildCommandInput, call: Call) => {
        const project = requireProject(input.projectName, call);
        const repeated = findRepeated(builds.list(call.region, project.name), input.idempotencyToken, call.now);
        if (repeated) return { build: buildShape(repeated, account) };
        return start(project, withOverrides(project.settings, input), input, call);
      },
    },
    RetryBuild: {
      access: ofBuilds('RetryBuild'),
      run: (input: RetryBuildCommandInput, call: Call) => {
        const build = requireBuild(input.id, call);
        const repeated = findRepeated(builds.list(call.region, build.project), input.idempotencyToken, call.now);
        if (repeated) return { build: buildShape(repeated, account) };
        if (build.status === 'IN_PROGRESS') throw invalidInput(`Build ${build.id} has not ended`);
        const { sourceVersion, arn, autoRetry = { number: 0 } } = build;
        const again = { sourceVersion, idempotencyToken: input.idempotencyToken };
        // CodeBuild itself asks on behalf of the build that failed.
        const byItself = call.sourceArn === arn;
        const answer = start(
          requireProject(build.project, call),
          build.settings,
          byItself ? { ...again, autoRetry: { number: autoRetry.number + 1, previous: arn } } : again,
          call,
        );
        if (byItself) builds.save({ ...build, autoRetry: { ...autoRetry, next: answer.build.arn! } });
        return answer;
      },
    },
    StopBuild: {
      access: ofBuilds('StopBuild'),
      run: (input: { id: string | undefined }, call: Call) => {
        const build = requireBuild(input.id, call);
        runner.stop(build);
        return { build: buildShape(requireBuild(input.id, call), account) };
      },
    },
    BatchGetBuilds: {
      access: ofBuilds('BatchGetBuilds'),
      run: (input: BatchGetBuildsCommandInput, call: Call) => {
        const found = (input.ids ?? []).map((id) => [id, findBuild(id, call)] as const);
        return {
          builds: found.flatMap(([, build]) => (build ? [buildShape(build, account)] : [])),
          buildsNotFound: found.flatMap(([id, build]) => (build ? [] : [id])),
        };
      },
    },
    BatchDeleteBuilds: {
      access: ofBuilds('BatchDeleteBuilds'),
      run: (input: BatchDeleteBuildsCommandInput, call: Call) => {
        const deleted: string[] = [];
        const notDeleted: { id: string; statusCode: string }[] = [];
        for (const id of input.ids ?? []) {
          const build = findBuild(id, call);
          if (build?.status === 'IN_PROGRESS') notDeleted.push({ id, statusCode: 'BUILD_IN_PROGRESS' });
          else if (build && builds.delete(build.id)) deleted.push(build.arn);
          else notDeleted.push({ id, statusCode: 'BUILD_NOT_FOUND' });
        }
        return { buildsDeleted: deleted, buildsNotDeleted: notDeleted };
      },
    },
    ListBuilds: {
      access: (): Access[] => [{ action: 'codebuild:ListBuilds', resource: '*' }],
      run: (input: ListBuildsCommandInput, call: Call) => listIds(builds.list(call.region), input),
    },
    ListBuildsForProject: {
      access: on('ListBuildsForProject', (input: ListBuildsForProjectCommandInput) => input.projectName),
      run: (input: ListBuildsForProjectCommandInput, call: Call) =>
        listIds(builds.list(call.region, requireProject(input.projectName, call).name), input),
    },
  };
}

const isOfBatch = ({ sourceArn }: Call): boolean => sourceArn?.includes(':build-batch/') === true;

const lowerTag = ({ key, value }: { key?: string | undefined; value?: string | undefined }) => ({
  key: key ?? '',
  value: value ?? '',
});
