// Lambda's Terraform types besides the function: alias, permission, URL and asynchronous settings.
import type { FunctionUrlConfig } from '@aws-sdk/client-lambda';

import { malformedId } from '../../terraform/errors.ts';
import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { uniqueName } from '../../terraform/unique-name.ts';
import { functionResource, invokeArn } from './function-resource.ts';
import { mappingResource } from './mapping-resource.ts';
import type { LambdaOperations } from './operations.ts';

const GONE = 'ResourceNotFoundException';

const clientOf = (context: ResourceContext) => context.client<LambdaOperations>('lambda');

const alias: ResourceType = {
  type: 'aws_lambda_alias',
  replace: ['function_name', 'name'],
  async create(planned, context) {
    const { AliasArn } = await clientOf(context)('CreateAlias', aliasInput(planned));
    return { id: AliasArn };
  },
  async read(state, context) {
    const found = await orNull(
      clientOf(context)('GetAlias', { FunctionName: state['function_name'], Name: state['name'] }),
      GONE,
    );
    if (!found) return null;
    const weights = found.RoutingConfig?.AdditionalVersionWeights;
    return {
      id: found.AliasArn,
      arn: found.AliasArn,
      description: found.Description,
      function_version: found.FunctionVersion,
      invoke_arn: invokeArn(context.region, found.AliasArn),
      name: found.Name,
      routing_config: weights ? [{ additional_version_weights: weights }] : [],
    };
  },
  async update(_prior, planned, context) {
    await clientOf(context)('UpdateAlias', aliasInput(planned));
  },
  async delete(state, context) {
    await orNull(clientOf(context)('DeleteAlias', { FunctionName: state['function_name'], Name: state['name'] }), GONE);
  },
  importState: (id) => {
    const [, function_name, name] = /^([^/]+)\/([^/]+)$/.exec(id) ?? [];
    if (!function_name || !name) throw malformedId(id, 'function_name/alias');
    return { id, function_name, name };
  },
};

const aliasInput = (planned: Attributes) => ({
  FunctionName: planned['function_name'] as string,
  Name: planned['name'] as string,
  FunctionVersion: planned['function_version'] as string,
  Description: (planned['description'] as string | undefined) ?? '',
  RoutingConfig: { AdditionalVersionWeights: planned['routing_config']?.[0]?.['additional_version_weights'] ?? {} },
});

const permission: ResourceType = {
  type: 'aws_lambda_permission',
  replace: [
    'action',
    'event_source_token',
    'function_name',
    'function_url_auth_type',
    'invoked_via_function_url',
    'principal',
    'principal_org_id',
    'qualifier',
    'source_account',
    'source_arn',
    'statement_id',
    'statement_id_prefix',
  ],
  async create(planned, context) {
    const prefix: string = planned['statement_id_prefix'] || 'terraform-';
    const StatementId: string = planned['statement_id'] || uniqueName(prefix);
    await clientOf(context)('AddPermission', {
      FunctionName: planned['function_name'],
      Qualifier: planned['qualifier'] || undefined,
      StatementId,
      Action: planned['action'],
      Principal: planned['principal'],
      PrincipalOrgID: planned['principal_org_id'] || undefined,
      SourceAccount: planned['source_account'] || undefined,
      SourceArn: planned['source_arn'] || undefined,
      EventSourceToken: planned['event_source_token'] || undefined,
      FunctionUrlAuthType: planned['function_url_auth_type'] || undefined,
      InvokedViaFunctionUrl: planned['invoked_via_function_url'] || undefined,
    });
    return { id: StatementId, statement_id: StatementId };
  },
  async read(state, context) {
    const policy = await orNull(
      clientOf(context)('GetPolicy', {
        FunctionName: state['function_name'],
        Qualifier: state['qualifier'] || undefined,
      }),
      GONE,
    );
    const { Statement = [] } = JSON.parse(policy?.Policy ?? '{}') as { Statement?: PolicyStatement[] };
    const found = Statement.find(({ Sid }) => Sid === state['statement_id']);
    return found ? statementAttributes(found) : null;
  },
  async delete(state, context) {
    const input = {
      FunctionName: state['function_name'] as string,
      Qualifier: (state['qualifier'] as string | undefined) || undefined,
      StatementId: state['statement_id'] as string,
    };
    await orNull(clientOf(context)('RemovePermission', input), GONE);
  },
  importState: (id) => {
    const [, function_name, qualifier, statement_id] =
      /^((?:arn:[^/]*:function:)?[^/:]+)(?::([^/]+))?\/([^/]+)$/.exec(id) ?? [];
    if (!function_name || !statement_id) {
      throw malformedId(id, 'function_name/statement_id or function_name:qualifier/statement_id');
    }
    return { id: statement_id, function_name, statement_id, ...(qualifier && { qualifier }) };
  },
};

interface PolicyStatement {
  readonly Sid: string;
  readonly Action: string;
  readonly Principal: string | { readonly Service?: string; readonly AWS?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function statementAttributes({ Sid, Action, Principal, Condition = {} }: PolicyStatement): Attributes {
  const equals = Condition['StringEquals'] ?? {};
  return {
    id: Sid,
    statement_id: Sid,
    statement_id_prefix: /^(.*)\d{18}[0-9a-f]{8}$/.exec(Sid)?.[1] ?? '',
    action: Action,
    principal:
      typeof Principal === 'string'
        ? Principal
        : (Principal.Service ?? /^arn:aws:iam::(\d{12}):root$/.exec(Principal.AWS ?? '')?.[1] ?? Principal.AWS),
    principal_org_id: equals['aws:PrincipalOrgID'],
    source_account: equals['AWS:SourceAccount'],
    function_url_auth_type: equals['lambda:FunctionUrlAuthType'],
    source_arn: Condition['ArnLike']?.['AWS:SourceArn'],
    ...(Condition['Bool'] && { invoked_via_function_url: true }),
  };
}

const url: ResourceType = {
  type: 'aws_lambda_function_url',
  replace: ['function_name', 'qualifier'],
  defaults: { invoke_mode: 'BUFFERED' },
  async create(planned, context) {
    const lambda = clientOf(context);
    const { FunctionName, Qualifier } = qualified(planned);
    await lambda(
      'CreateFunctionUrlConfig',
      urlInput(planned) as Parameters<typeof lambda<'CreateFunctionUrlConfig'>>[1],
    );
    const id = Qualifier === undefined ? FunctionName : `${FunctionName}/${Qualifier}`;
    context.created({ id, function_name: FunctionName, qualifier: Qualifier });
    // As hashicorp/aws does for URLs that everybody may use.
    if (planned['authorization_type'] === 'NONE') {
      const StatementId = 'FunctionURLAllowPublicAccess';
      const Action = 'lambda:InvokeFunctionUrl';
      const statement = { StatementId, Action, Principal: '*', FunctionUrlAuthType: 'NONE' as const };
      await orNull(lambda('AddPermission', { FunctionName, Qualifier, ...statement }), 'ResourceConflictException');
    }
    return { id };
  },
  async read(state, context) {
    const found = await orNull(clientOf(context)('GetFunctionUrlConfig', qualified(state)), GONE);
    return found && urlAttributes(found as FunctionUrlConfig);
  },
  async update(_prior, planned, context) {
    const lambda = clientOf(context);
    const input = { Cors: {}, ...urlInput(planned) };
    await lambda('UpdateFunctionUrlConfig', input as Parameters<typeof lambda<'UpdateFunctionUrlConfig'>>[1]);
  },
  async delete(state, context) {
    await orNull(clientOf(context)('DeleteFunctionUrlConfig', qualified(state)), GONE);
  },
  importState: (id) => {
    const [function_name, qualifier] = id.split('/');
    return { id, function_name, ...(qualifier && { qualifier }) };
  },
};

const qualified = (attributes: Attributes) => ({
  FunctionName: attributes['function_name'] as string,
  Qualifier: (attributes['qualifier'] as string | undefined) || undefined,
});

function urlInput(planned: Attributes) {
  const [cors] = planned['cors'] ?? [];
  return {
    ...qualified(planned),
    AuthType: planned['authorization_type'],
    InvokeMode: planned['invoke_mode'],
    ...(cors && {
      Cors: {
        AllowCredentials: cors['allow_credentials'] ?? undefined,
        AllowHeaders: cors['allow_headers'] ?? undefined,
        AllowMethods: cors['allow_methods'] ?? undefined,
        AllowOrigins: cors['allow_origins'] ?? undefined,
        ExposeHeaders: cors['expose_headers'] ?? undefined,
        MaxAge: cors['max_age'] ?? undefined,
      },
    }),
  };
}

const urlAttributes = ({ FunctionUrl, FunctionArn, AuthType, InvokeMode, Cors }: FunctionUrlConfig): Attributes => ({
  authorization_type: AuthType,
  function_arn: FunctionArn,
  function_url: FunctionUrl,
  invoke_mode: InvokeMode,
  url_id: new URL(FunctionUrl!).hostname.split('.')[0],
  cors: Cors
    ? [
        {
          allow_credentials: Cors.AllowCredentials,
          allow_headers: Cors.AllowHeaders,
          allow_methods: Cors.AllowMethods,
          allow_origins: Cors.AllowOrigins,
          expose_headers: Cors.ExposeHeaders,
          max_age: Cors.MaxAge,
        },
      ]
    : [],
});

const eventInvokeConfig: ResourceType = {
  type: 'aws_lambda_function_event_invoke_config',
  replace: ['function_name', 'qualifier'],
  defaults: { maximum_retry_attempts: 2 },
  async create(planned, context) {
    await clientOf(context)('PutFunctionEventInvokeConfig', eventInput(planned));
    const { FunctionName, Qualifier } = qualified(planned);
    return { id: Qualifier === undefined ? FunctionName : `${FunctionName}:${Qualifier}` };
  },
  async read(state, context) {
    const found = await orNull(clientOf(context)('GetFunctionEventInvokeConfig', qualified(state)), GONE);
    if (!found) return null;
    const { OnSuccess, OnFailure } = found.DestinationConfig;
    const block = (one: { Destination?: string }) => (one.Destination ? [{ destination: one.Destination }] : []);
    const destinations = { on_success: block(OnSuccess), on_failure: block(OnFailure) };
    return {
      maximum_event_age_in_seconds: found.MaximumEventAgeInSeconds,
      maximum_retry_attempts: found.MaximumRetryAttempts,
      destination_config: OnSuccess.Destination || OnFailure.Destination ? [destinations] : [],
    };
  },
  async update(_prior, planned, context) {
    await clientOf(context)('PutFunctionEventInvokeConfig', eventInput(planned));
  },
  async delete(state, context) {
    await orNull(clientOf(context)('DeleteFunctionEventInvokeConfig', qualified(state)), GONE);
  },
  importState: (id) => {
    const [, function_name, qualifier] = /^((?:arn:[^/]*:function:)?[^:]+)(?::(.+))?$/.exec(id) ?? [];
    if (!function_name) throw malformedId(id, 'function_name or function_name:qualifier');
    return { id, function_name, ...(qualifier && { qualifier }) };
  },
};

function eventInput(planned: Attributes) {
  const [destinations] = planned['destination_config'] ?? [];
  const destination = (block: Attributes | undefined) => (block ? { Destination: block['destination'] as string } : {});
  return {
    ...qualified(planned),
    MaximumRetryAttempts: planned['maximum_retry_attempts'] as number,
    MaximumEventAgeInSeconds: (planned['maximum_event_age_in_seconds'] as number | undefined) || undefined,
    DestinationConfig: {
      OnSuccess: destination(destinations?.['on_success']?.[0]),
      OnFailure: destination(destinations?.['on_failure']?.[0]),
    },
  };
}

export const lambdaResources: readonly ResourceType[] = [
  functionResource,
  alias,
  permission,
  url,
  eventInvokeConfig,
  mappingResource,
];
