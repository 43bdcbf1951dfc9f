// Function URLs. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
import { randomBytes } from 'node:crypto';

import type {
  CreateFunctionUrlConfigCommandInput,
  ListFunctionUrlConfigsCommandInput,
  UpdateFunctionUrlConfigCommandInput,
} from '@aws-sdk/client-lambda';

import { requireOneOf } from '../../kernel/constraint.ts';
import { unsupported } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onFunction } from './access.ts';
import { conflict, invalidParameter, notFound, validation } from './errors.ts';
import { keyOfQualifier, requireAlias, type LambdaFunction, type UrlConfig } from './functions.ts';
import { LATEST, readName } from './names.ts';
import { onOne, page, type FunctionInput, type Lambda } from './service.ts';

const AUTH_TYPES = ['AWS_IAM', 'NONE'];

export function urlOperations(lambda: Lambda) {
  const { functions } = lambda;
  const access =
    (action: string) =>
    (input: FunctionInput & { AuthType?: string | undefined }, call: Call): Access[] => [
      onFunction(functions, action, call, input, { 'lambda:FunctionUrlAuthType': input.AuthType }),
    ];
  const find = (input: FunctionInput, call: Call) => {
    const { name, qualifier } = readName(call, input.FunctionName, input.Qualifier);
    const fn = functions.require(call, name);
    if (qualifier !== undefined) {
      if (/^\d+$/.test(qualifier) || qualifier === LATEST) {
        throw invalidParameter('A function URL belongs to a function or to one of its aliases.');
      }
      requireAlias(fn, qualifier);
    }
    return { fn, key: keyOfQualifier(qualifier) };
  };
  const require = (input: FunctionInput, call: Call) => {
    const { fn, key } = find(input, call);
    const url = fn.urls[key];
    if (!url) throw notFound('The resource you requested does not exist.');
    return { fn, key, url };
  };
  const save = (fn: LambdaFunction, key: string, url: UrlConfig, call: Call) => {
    functions.save({ ...fn, urls: { ...fn.urls, [key]: url } });
    return shape(fn, key, url, call);
  };

  return {
    CreateFunctionUrlConfig: {
      access: access('CreateFunctionUrlConfig'),
      run: (input: CreateFunctionUrlConfigCommandInput, call: Call) => {
        const { fn, key } = find(input, call);
        if (fn.urls[key]) {
          throw conflict(
            `Failed to create function url config for [functionArn = ${fn.arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
          );
        }
        refuseStreaming(input.InvokeMode);
        requireOneOf(input.AuthType, 'authType', AUTH_TYPES, validation);
        const id = randomBytes(20).toString('hex').slice(0, 32);
        const authType = input.AuthType ?? 'AWS_IAM';
        return save(fn, key, { id, createdAt: call.now, modifiedAt: call.now, authType, cors: input.Cors }, call);
      },
    },
    UpdateFunctionUrlConfig: {
      access: access('UpdateFunctionUrlConfig'),
      run: (input: UpdateFunctionUrlConfigCommandInput, call: Call) => {
        const { fn, key, url } = require(input, call);
        refuseStreaming(input.InvokeMode);
        requireOneOf(input.AuthType, 'authType', AUTH_TYPES, validation);
        const cors = input.Cors ? (Object.keys(input.Cors).length > 0 ? input.Cors : undefined) : url.cors;
        return save(fn, key, { ...url, modifiedAt: call.now, authType: input.AuthType ?? url.authType, cors }, call);
      },
    },
    GetFunctionUrlConfig: {
      access: access('GetFunctionUrlConfig'),
      run: (input: FunctionInput, call: Call) => {
        const { fn, key, url } = require(input, call);
        return shape(fn, key, url, call);
      },
    },
    DeleteFunctionUrlConfig: {
      access: access('DeleteFunctionUrlConfig'),
      run: (input: FunctionInput, call: Call) => {
        const { fn, key } = require(input, call);
        const { [key]: _gone, ...urls } = fn.urls;
        functions.save({ ...fn, urls });
        return {};
      },
    },
    ListFunctionUrlConfigs: onOne(
      lambda,
      'ListFunctionUrlConfigs',
      (fn, input: ListFunctionUrlConfigsCommandInput & FunctionInput, call) => {
        const { items, rest } = page(Object.entries(fn.urls), ([key]) => key, input, { most: 50 });
        return { FunctionUrlConfigs: items.map(([key, url]) => shape(fn, key, url, call)), ...rest };
      },
    ),
  };
}

function refuseStreaming(mode: string | undefined): void {
  if (mode !== undefined && mode !== 'BUFFERED') throw unsupported(`InvokeMode ${mode}`);
}

const shape = (fn: LambdaFunction, key: string, url: UrlConfig, call: Call) => ({
  FunctionUrl: `http://${url.id}.lambda-url.${fn.region}.localhost:${new URL(call.endpoint).port}/`,
  FunctionArn: key === LATEST ? fn.arn : `${fn.arn}:${key}`,
  AuthType: url.authType,
  ...(url.cors && { Cors: url.cors }),
  CreationTime: new Date(url.createdAt).toISOString(),
  LastModifiedTime: new Date(url.modifiedAt).toISOString(),
  InvokeMode: 'BUFFERED' as const,
});
