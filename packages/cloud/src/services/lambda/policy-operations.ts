// Resource policies of functions. https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
import type { AddPermissionCommandInput, RemovePermissionCommandInput } from '@aws-sdk/client-lambda';

import type { Access, Call } from '../../kernel/service.ts';
import { onFunction } from './access.ts';
import { functionNotFound, invalidParameter, notFound } from './errors.ts';
import { allVersions, keyOfQualifier, type LambdaFunction } from './functions.ts';
import { LATEST, readName } from './names.ts';
import { addStatement, policyText, removeStatement, type Policy } from './policy.ts';
import { onOne, type FunctionInput, type Lambda } from './service.ts';

export function policyOperations(lambda: Lambda) {
  const { functions } = lambda;
  const keyOf = (input: FunctionInput, call: Call) => {
    const { name, qualifier } = readName(call, input.FunctionName, input.Qualifier);
    const fn = functions.require(call, name);
    if (qualifier === LATEST) throw invalidParameter('We currently do not support adding policies for $LATEST.');
    requireQualifier(fn, qualifier);
    return { fn, qualifier, key: keyOfQualifier(qualifier) };
  };
  const save = (fn: LambdaFunction, key: string, policy: Policy | undefined) => {
    const { [key]: _before, ...others } = fn.policies;
    functions.save({ ...fn, policies: policy ? { ...others, [key]: policy } : others });
  };

  return {
    AddPermission: {
      access: (input: AddPermissionCommandInput, call: Call): Access[] => [
        onFunction(functions, 'AddPermission', call, input, {
          'lambda:Principal': input.Principal,
          'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType,
        }),
      ],
      run: (input: AddPermissionCommandInput, call: Call) => {
        const { fn, qualifier, key } = keyOf(input, call);
        const policy = addStatement(
          fn.policies[key],
          input,
          qualifier === undefined ? fn.arn : `${fn.arn}:${qualifier}`,
        );
        save(fn, key, policy);
        return { Statement: JSON.stringify(policy.statements.at(-1)) };
      },
    },
    RemovePermission: {
      access: (input: RemovePermissionCommandInput, call: Call): Access[] => [
        onFunction(functions, 'RemovePermission', call, input),
      ],
      run: (input: RemovePermissionCommandInput, call: Call) => {
        const { fn, key } = keyOf(input, call);
        save(fn, key, removeStatement(fn.policies[key], input.StatementId, input.RevisionId));
        return {};
      },
    },
    GetPolicy: {
      access: (input: FunctionInput, call: Call): Access[] => [onFunction(functions, 'GetPolicy', call, input)],
      run: (input: FunctionInput, call: Call) => {
        const { fn, key } = keyOf(input, call);
        const policy = fn.policies[key];
        if (!policy) throw notFound('The resource you requested does not exist.');
        return { Policy: policyText(policy), RevisionId: policy.revisionId };
      },
    },
    GetAccountSettings: {
      access: (): Access[] => [{ action: 'lambda:GetAccountSettings', resource: '*' }],
      run: (_input: object, call: Call) => {
        const all = functions.list(call.region);
        return {
          AccountLimit: {
            TotalCodeSize: 80_530_636_800,
            CodeSizeUnzipped: 262_144_000,
            CodeSizeZipped: 52_428_800,
            ConcurrentExecutions: 1_000,
            UnreservedConcurrentExecutions: lambda.concurrency.unreservedLimit(call.region),
          },
          AccountUsage: {
            FunctionCount: all.length,
            TotalCodeSize: all.flatMap(allVersions).reduce((sum, { code }) => sum + code.size, 0),
          },
        };
      },
    },
    GetFunctionCodeSigningConfig: onOne(lambda, 'GetFunctionCodeSigningConfig', (fn) => ({
      CodeSigningConfigArn: '',
      FunctionName: fn.name,
    })),
  };
}

/** Throws where the function has no such version or alias. */
export function requireQualifier(fn: LambdaFunction, qualifier: string | undefined): void {
  if (qualifier === undefined || qualifier === LATEST) return;
  const known = [...fn.aliases.map(({ name }) => name), ...fn.versions.map(({ version }) => version)];
  if (!known.includes(qualifier)) throw functionNotFound(`${fn.arn}:${qualifier}`);
}
