// How a function may be invoked: its reserved concurrency, and what becomes of its asynchronous events.
// https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
import type {
  PutFunctionConcurrencyCommandInput,
  PutFunctionEventInvokeConfigCommandInput,
  ListFunctionEventInvokeConfigsCommandInput,
} from '@aws-sdk/client-lambda';

import { notSupported } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onFunction } from './access.ts';
import { LEAST_UNRESERVED } from './concurrency.ts';
import { invalidParameter, invalidValue, notFound } from './errors.ts';
import { keyOfQualifier, type EventInvokeConfig, type LambdaFunction } from './functions.ts';
import { readName } from './names.ts';
import { requireQualifier } from './policy-operations.ts';
import { onOne, page, type FunctionInput, type Lambda } from './service.ts';
import { readTarget } from './targets.ts';

type ConfigInput = Partial<PutFunctionEventInvokeConfigCommandInput> & FunctionInput;

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
const MOST_RETRIES = 2;
const AGE_SECONDS = { least: 60, most: 21_600 };

export function invokeSettingsOperations(lambda: Lambda) {
  const { functions, concurrency } = lambda;
  const onQualified =
    (action: string) =>
    (input: FunctionInput, call: Call): Access[] => [onFunction(functions, action, call, input)];
  const qualified = (input: FunctionInput, call: Call) => {
    const { name, qualifier } = readName(call, input.FunctionName, input.Qualifier);
    const fn = functions.require(call, name);
    requireQualifier(fn, qualifier);
    return { fn, key: keyOfQualifier(qualifier), qualifier };
  };
  const requireConfig = (input: FunctionInput, call: Call) => {
    const { fn, key } = qualified(input, call);
    const config = fn.eventInvokes[key];
    if (!config) throw notFound(`The function ${fn.arn}:${key} doesn't have an EventInvokeConfig`);
    return { fn, key, config };
  };
  const save = (fn: LambdaFunction, key: string, config: EventInvokeConfig) => {
    functions.save({ ...fn, eventInvokes: { ...fn.eventInvokes, [key]: config } });
    return configShape(fn, key, config);
  };

  return {
    PutFunctionConcurrency: onOne(
      lambda,
      'PutFunctionConcurrency',
      (fn, input: PutFunctionConcurrencyCommandInput & FunctionInput) => {
        const wanted = input.ReservedConcurrentExecutions ?? 0;
        if (wanted < 0) {
          throw invalidValue(
            'reservedConcurrentExecutions',
            wanted,
            'Member must have value greater than or equal to 0',
          );
        }
        if (concurrency.unreservedLimit(fn.region, fn.name) - wanted < LEAST_UNRESERVED) {
          throw invalidParameter(
            `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${LEAST_UNRESERVED}].`,
          );
        }
        functions.save({ ...fn, reservedConcurrency: wanted });
        return { ReservedConcurrentExecutions: wanted };
      },
    ),
    GetFunctionConcurrency: onOne(lambda, 'GetFunctionConcurrency', (fn) => ({
      ...(fn.reservedConcurrency !== undefined && { ReservedConcurrentExecutions: fn.reservedConcurrency }),
    })),
    DeleteFunctionConcurrency: onOne(lambda, 'DeleteFunctionConcurrency', (fn) => {
      functions.save({ ...fn, reservedConcurrency: undefined });
      return {};
    }),
    PutFunctionEventInvokeConfig: {
      access: onQualified('PutFunctionEventInvokeConfig'),
      run: (input: ConfigInput, call: Call) => {
        const { fn, key } = qualified(input, call);
        return save(fn, key, readConfig(input, call.now));
      },
    },
    UpdateFunctionEventInvokeConfig: {
      access: onQualified('UpdateFunctionEventInvokeConfig'),
      run: (input: ConfigInput, call: Call) => {
        const { fn, key, config } = requireConfig(input, call);
        return save(fn, key, readConfig(input, call.now, config));
      },
    },
    GetFunctionEventInvokeConfig: {
      access: onQualified('GetFunctionEventInvokeConfig'),
      run: (input: FunctionInput, call: Call) => {
        const { fn, key, config } = requireConfig(input, call);
        return configShape(fn, key, config);
      },
    },
    DeleteFunctionEventInvokeConfig: {
      access: onQualified('DeleteFunctionEventInvokeConfig'),
      run: (input: FunctionInput, call: Call) => {
        const { fn, key } = requireConfig(input, call);
        const { [key]: _gone, ...eventInvokes } = fn.eventInvokes;
        functions.save({ ...fn, eventInvokes });
        return {};
      },
    },
    ListFunctionEventInvokeConfigs: onOne(
      lambda,
      'ListFunctionEventInvokeConfigs',
      (fn, input: ListFunctionEventInvokeConfigsCommandInput & FunctionInput) => {
        const { items, rest } = page(Object.entries(fn.eventInvokes), ([key]) => key, input, { most: 50 });
        return { FunctionEventInvokeConfigs: items.map(([key, config]) => configShape(fn, key, config)), ...rest };
      },
    ),
  };
}

function readConfig(input: ConfigInput, now: number, before?: EventInvokeConfig): EventInvokeConfig {
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age, DestinationConfig: destinations } = input;
  if (retries !== undefined && (retries < 0 || retries > MOST_RETRIES)) {
    throw invalidValue('maximumRetryAttempts', retries, `Member must have value less than or equal to ${MOST_RETRIES}`);
  }
  if (age !== undefined && (age < AGE_SECONDS.least || age > AGE_SECONDS.most)) {
    throw invalidValue(
      'maximumEventAgeInSeconds',
      age,
      `Member must have value between ${AGE_SECONDS.least} and ${AGE_SECONDS.most}`,
    );
  }
  return {
    modifiedAt: now,
    maximumRetryAttempts: retries ?? before?.maximumRetryAttempts,
    maximumEventAgeSeconds: age ?? before?.maximumEventAgeSeconds,
    onSuccess: destinations ? readSuccess(destinations.OnSuccess?.Destination) : before?.onSuccess,
    onFailure: destinations ? readDestination(destinations.OnFailure?.Destination) : before?.onFailure,
  };
}

function readDestination(arn: string | undefined): string | undefined {
  if (!arn) return undefined;
  if (readTarget(arn) === undefined) {
    throw notSupported(
      `The destination ${arn} is not supported here: SQS queues, SNS topics, S3 buckets, functions and event buses are.`,
    );
  }
  return arn;
}

function readSuccess(arn: string | undefined): string | undefined {
  const found = readDestination(arn);
  if (found !== undefined && readTarget(found)?.kind === 's3') {
    throw invalidParameter('S3 buckets are supported only for on-failure destinations.');
  }
  return found;
}

const configShape = (fn: LambdaFunction, key: string, config: EventInvokeConfig) => ({
  LastModified: new Date(config.modifiedAt),
  FunctionArn: `${fn.arn}:${key}`,
  ...(config.maximumRetryAttempts !== undefined && { MaximumRetryAttempts: config.maximumRetryAttempts }),
  ...(config.maximumEventAgeSeconds !== undefined && { MaximumEventAgeInSeconds: config.maximumEventAgeSeconds }),
  DestinationConfig: {
    OnSuccess: config.onSuccess === undefined ? {} : { Destination: config.onSuccess },
    OnFailure: config.onFailure === undefined ? {} : { Destination: config.onFailure },
  },
});
