// Dashboards, which belong to no region.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
import type {
  DashboardValidationMessage,
  DeleteDashboardsCommandInput,
  GetDashboardCommandInput,
  ListDashboardsCommandInput,
  PutDashboardCommandInput,
} from '@aws-sdk/client-cloudwatch';

import { AwsError } from '../../../kernel/errors.ts';
import type { Access, Call } from '../../../kernel/service.ts';
import type { Store } from '../../../kernel/store.ts';
import { invalidValue, missingParameter } from '../errors.ts';
import { page } from '../page.ts';
import { checkBody } from './body.ts';

interface Dashboard {
  readonly name: string;
  readonly body: string;
  readonly updatedAt: number;
}

const PAGE = 1_000;

export function dashboardOperations(store: Store) {
  const dashboards = store.collection<Dashboard>('cloudwatch.dashboards');
  const arnOf = ({ account }: Call, name: string): string => `arn:aws:cloudwatch::${account}:dashboard/${name}`;
  const onOne =
    (action: string) =>
    ({ DashboardName = '' }: { DashboardName: string | undefined }, call: Call): Access[] => [
      { action: `cloudwatch:${action}`, resource: arnOf(call, DashboardName) },
    ];
  const require = (name: string): Dashboard => {
    const found = dashboards.get(name);
    if (!found) throw new AwsError('DashboardNotFoundError', `Dashboard ${name} does not exist`, { status: 404 });
    return found;
  };

  return {
    PutDashboard: {
      access: onOne('PutDashboard'),
      run: (input: PutDashboardCommandInput, call: Call) => {
        const { DashboardName: name = '', DashboardBody: body = '' } = input;
        if (!/^[\w-]{1,255}$/.test(name)) {
          throw invalidBody(
            `The value ${name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).`,
          );
        }
        const messages = checkBody(body);
        if (!messages) throw invalidBody('The field DashboardBody must be a valid JSON object');
        if (messages.length > 0) {
          throw invalidBody(
            `The dashboard body is invalid, there are ${messages.length} validation errors: ${JSON.stringify(
              messages.map(({ DataPath, Message }) => ({ dataPath: DataPath, message: Message })),
            )}`,
            messages,
          );
        }
        dashboards.put(name, { name, body, updatedAt: call.now });
        return { DashboardValidationMessages: [] };
      },
    },
    GetDashboard: {
      access: onOne('GetDashboard'),
      run: ({ DashboardName = '' }: GetDashboardCommandInput, call: Call) => {
        const { name, body } = require(DashboardName);
        return { DashboardName: name, DashboardArn: arnOf(call, name), DashboardBody: body };
      },
    },
    ListDashboards: {
      access: (): Access[] => [{ action: 'cloudwatch:ListDashboards', resource: '*' }],
      run: ({ DashboardNamePrefix: prefix = '', NextToken: token }: ListDashboardsCommandInput, call: Call) => {
        const { items, rest } = page(dashboards.list({ prefix }), { keyOf: ({ key }) => key, limit: PAGE, token });
        return {
          DashboardEntries: items.map(({ value: { name, body, updatedAt } }) => ({
            DashboardName: name,
            DashboardArn: arnOf(call, name),
            LastModified: new Date(updatedAt),
            Size: Buffer.byteLength(body),
          })),
          ...rest,
        };
      },
    },
    DeleteDashboards: {
      access: ({ DashboardNames = [] }: DeleteDashboardsCommandInput, call: Call): Access[] =>
        DashboardNames.map((name) => ({ action: 'cloudwatch:DeleteDashboards', resource: arnOf(call, name) })),
      run: ({ DashboardNames: names = [] }: DeleteDashboardsCommandInput) => {
        if (names.length === 0) throw missingParameter('The parameter DashboardNames is required.');
        if (names.length > PAGE) throw invalidValue(`DashboardNames must not have more than ${PAGE} members.`);
        // All of them or none.
        for (const name of names) require(name);
        store.transaction(() => names.forEach((name) => dashboards.delete(name)));
        return {};
      },
    },
  };
}

const invalidBody = (message: string, messages: readonly DashboardValidationMessage[] = []): AwsError =>
  new AwsError('DashboardInvalidInputError', message, { members: { dashboardValidationMessages: messages } });
