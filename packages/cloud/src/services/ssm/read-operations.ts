// Parameters read: one, several, a path of them, and what they were.
import type {
  GetParameterHistoryRequest,
  GetParameterRequest,
  GetParametersByPathRequest,
  GetParametersRequest,
  Parameter as ParameterShape,
  ParameterHistory,
} from '@aws-sdk/client-ssm';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { validation } from './errors.ts';
import { compileFilters, isUnder, PATH_KEYS } from './filters.ts';
import { arnOf, latest, requireVersion, type Parameter, type Version } from './parameters.ts';
import { isSecretReference, readSecretReference } from './secret-reference.ts';
import { asStored, DEFAULT_KEY, openSecure } from './secure-values.ts';
import { onParameter, page, refer, type ParameterStore } from './service.ts';

const NAMES_LIMIT = 10;
const PATH_PAGE = 10;
const HISTORY_PAGE = 50;

const NOT_THERE = ['ParameterNotFound', 'ParameterVersionNotFound'];

export function readOperations(store: ParameterStore) {
  const { kernel, parameters } = store;

  const valueOf = (call: Call, { arn }: Parameter, { value }: Version, decrypt: boolean): Promise<string> | string =>
    typeof value === 'string' || !decrypt ? asStored(value) : openSecure(kernel, call, arn, value);

  const shapeOf = async (
    call: Call,
    parameter: Parameter,
    version: Version,
    decrypt: boolean,
  ): Promise<ParameterShape> => ({
    Name: parameter.name,
    Type: version.type,
    Value: await valueOf(call, parameter, version, decrypt),
    Version: version.number,
    LastModifiedDate: new Date(version.modifiedAt),
    ARN: parameter.arn,
    DataType: version.dataType,
  });

  const read = async (call: Call, text: string, decrypt: boolean): Promise<ParameterShape> => {
    if (isSecretReference(text)) return readSecretReference(kernel, call, text, decrypt);
    const { name, selector } = refer(store, call, text);
    const parameter = parameters.require(call, name);
    const shape = await shapeOf(call, parameter, requireVersion(parameter, selector), decrypt);
    return { ...shape, ...(selector !== undefined && { Selector: `:${selector}` }) };
  };

  return {
    GetParameter: {
      access: (input: GetParameterRequest, call: Call): Access[] => [
        onParameter(store, 'GetParameter', input.Name, call),
      ],
      run: async ({ Name: name = '', WithDecryption: decrypt = false }: GetParameterRequest, call: Call) => ({
        Parameter: await read(call, name, decrypt),
      }),
    },
    GetParameters: {
      access: ({ Names: names = [] }: GetParametersRequest, call: Call): Access[] =>
        names.map((name) => onParameter(store, 'GetParameters', name, call)),
      run: async ({ Names: names = [], WithDecryption: decrypt = false }: GetParametersRequest, call: Call) => {
        if (names.length === 0 || names.length > NAMES_LIMIT) {
          throw validation(
            `1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and ${NAMES_LIMIT}`,
          );
        }
        if (new Set(names).size < names.length) throw validation('Duplicate input was found for: names.');
        const Parameters: ParameterShape[] = [];
        const InvalidParameters: string[] = [];
        for (const name of names) {
          try {
            Parameters.push(await read(call, name, decrypt));
          } catch (error) {
            if (!(error instanceof AwsError) || !NOT_THERE.includes(error.code)) throw error;
            InvalidParameters.push(name);
          }
        }
        return { Parameters, InvalidParameters };
      },
    },
    GetParametersByPath: {
      access: ({ Path: path = '', Recursive: recursive = false }: GetParametersByPathRequest, call: Call): Access[] => [
        {
          action: 'ssm:GetParametersByPath',
          resource: arnOf(call, path.length > 1 ? path.replace(/\/$/, '') : path),
          context: { 'ssm:Recursive': String(recursive) },
        },
      ],
      run: async (input: GetParametersByPathRequest, call: Call) => {
        const { Path: path = '', Recursive: recursive = false, WithDecryption: decrypt = false } = input;
        if (!path.startsWith('/')) {
          throw validation(
            'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
          );
        }
        const matches = compileFilters(input.ParameterFilters, PATH_KEYS);
        const found = parameters
          .list(call.region)
          .filter(({ name }) => isUnder(name, path, recursive))
          .filter(matches);
        const { items, rest } = page(found, ({ name }) => name, input, PATH_PAGE);
        const label = input.ParameterFilters?.find(({ Key }) => Key === 'Label')?.Values;
        const Parameters: ParameterShape[] = [];
        for (const parameter of items) {
          const labelled = parameter.versions.findLast(({ labels }) => labels.some((name) => label?.includes(name)));
          Parameters.push(await shapeOf(call, parameter, labelled ?? latest(parameter), decrypt));
        }
        return { Parameters, ...rest };
      },
    },
    GetParameterHistory: {
      access: (input: GetParameterHistoryRequest, call: Call): Access[] => [
        onParameter(store, 'GetParameterHistory', input.Name, call),
      ],
      run: async (input: GetParameterHistoryRequest, call: Call) => {
        const parameter = parameters.require(call, refer(store, call, input.Name).name);
        const { items, rest } = page(parameter.versions, ({ number }) => String(number), input, HISTORY_PAGE);
        const Parameters: ParameterHistory[] = [];
        for (const version of items) {
          Parameters.push({
            Name: parameter.name,
            Value: await valueOf(call, parameter, version, input.WithDecryption ?? false),
            ...describeVersion(version),
            Labels: version.labels,
          });
        }
        return { Parameters, ...rest };
      },
    },
  };
}

/** What DescribeParameters and GetParameterHistory tell of a version besides its value. */
export const describeVersion = (version: Version) => ({
  Type: version.type,
  ...(version.type === 'SecureString' && { KeyId: version.keyId ?? DEFAULT_KEY }),
  LastModifiedDate: new Date(version.modifiedAt),
  LastModifiedUser: version.modifiedBy,
  ...(version.description !== undefined && { Description: version.description }),
  ...(version.allowedPattern !== undefined && { AllowedPattern: version.allowedPattern }),
  Version: version.number,
  Tier: version.tier,
  Policies: (version.policies ?? []).map(({ text, type, done }) => ({
    PolicyText: text,
    PolicyType: type,
    PolicyStatus: done ? 'Finished' : 'Pending',
  })),
  DataType: version.dataType,
});
