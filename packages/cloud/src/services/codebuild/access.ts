// What an operation on a project or a report group needs allowed.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html
import { requestTags, resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import { projectArn, type Projects } from './projects.ts';
import type { Reports } from './reports.ts';

type Context = NonNullable<Access['context']>;

interface Tag {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

export class Guard {
  readonly #projects: Projects;
  readonly #reports: Reports;

  constructor(projects: Projects, reports: Reports) {
    this.#projects = projects;
    this.#reports = reports;
  }

  project(action: string, name: string | undefined, { region, account }: Call, context?: Context): Access {
    return this.#on(action, projectArn(region, account, name), context);
  }

  reportGroup(action: string, arn: string, context?: Context): Access {
    return this.#on(action, arn, context);
  }

  #on(action: string, arn: string, context: Context = {}): Access {
    const facts = this.describe(arn);
    return { action: `codebuild:${action}`, resource: arn, context: { ...facts?.context, ...context } };
  }

  /** What IAM has to know of a project or a report group. */
  describe(arn: string): ResourceFacts | undefined {
    const [, region = '', kind, name = ''] =
      /^arn:aws:codebuild:([^:]*):\d{12}:(project|report-group)\/(.+)$/.exec(arn) ?? [];
    if (kind === undefined) return undefined;
    const tagged = kind === 'project' ? this.#projects.find(region, name) : this.#reports.findGroup(arn);
    return { context: resourceTags(fromTags(tagged?.tags)) };
  }
}

/** The right to hand a role to CodeBuild. */
export const passRole = (role: string | undefined): Access[] =>
  role === undefined
    ? []
    : [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'codebuild.amazonaws.com' } }];

/** The condition keys of a request that sets tags. */
export const tagContext = (tags: readonly Tag[] | undefined): Context => requestTags(fromTags(tags));

const fromTags = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value]));
