// A parameter put: its first version, or the next.
import type { ParameterTier, PutParameterRequest, Tag } from '@aws-sdk/client-ssm';

import { notSupported } from '../../kernel/errors.ts';
import { requestTags } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { tellOfChange } from './changes.ts';
import {
  alreadyExists,
  invalidPattern,
  patternMismatch,
  tooManyTags,
  typeMismatch,
  validation,
  versionLimit,
} from './errors.ts';
import { arnOf, latest, requireName, type Parameter, type Version } from './parameters.ts';
import { readPolicies, renewed, type ParameterPolicy } from './policies.ts';
import { DEFAULT_KEY, sealSecure } from './secure-values.ts';
import { onParameter, refer, type ParameterStore } from './service.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const LARGEST_BYTES = { Standard: 4096, Advanced: 8192 } as const;

const VERSIONS_LIMIT = 100;

const TAGS_LIMIT = 50;

export const TYPES = ['String', 'StringList', 'SecureString'];

export function putOperation(store: ParameterStore) {
  const { kernel, parameters, expirations } = store;
  return {
    PutParameter: {
      access: (input: PutParameterRequest, call: Call): Access[] => {
        const context = {
          'ssm:Overwrite': String(input.Overwrite ?? false),
          'ssm:Policies': input.Policies,
          ...requestTags(fromTags(input.Tags)),
        };
        return ['PutParameter', ...(input.Tags?.length ? ['AddTagsToResource'] : [])].map((operation) =>
          onParameter(store, operation, input.Name, call, context),
        );
      },
      run: async (input: PutParameterRequest, call: Call) => {
        const name = requireName(refer(store, call, input.Name).name);
        const before = parameters.find(call, name);
        const draft = draftOf(input, before && latest(before));
        const arn = arnOf(call, name);
        const text = input.Value ?? '';
        const value =
          draft.type === 'SecureString'
            ? await sealSecure(kernel, call, text, {
                arn,
                keyId: draft.keyId ?? DEFAULT_KEY,
                advanced: draft.tier === 'Advanced',
              })
            : text;
        const parameter = parameters.find(call, name) ?? { name, arn, region: call.region, tags: {}, versions: [] };
        if (parameter.versions.length > 0 && !input.Overwrite) throw alreadyExists();
        const number = (parameter.versions.at(-1)?.number ?? 0) + 1;
        const { arn: modifiedBy } = call.principal;
        makeRoom(parameter);
        parameter.versions.push({ ...draft, number, value, modifiedAt: call.now, modifiedBy, labels: [] });
        if (input.Tags) parameter.tags = withTags(parameter.tags, input.Tags);
        parameters.save(parameter);
        expirations.arm(parameter);
        tellOfChange(kernel, parameter, number === 1 ? 'Create' : 'Update');
        return { Version: number, Tier: draft.tier };
      },
    },
  };
}

type Draft = Pick<Version, 'type' | 'keyId' | 'description' | 'allowedPattern' | 'tier' | 'policies' | 'dataType'>;

/** What a request says of a version, with what the one before it says where the request says nothing. */
function draftOf(input: PutParameterRequest, before: Version | undefined): Draft {
  const { Overwrite: overwrite = false, KeyId: keyId } = input;
  if (before && !overwrite) throw alreadyExists();
  if (overwrite && input.Tags?.length) {
    throw validation(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  const type = input.Type ?? before?.type;
  if (!type || !TYPES.includes(type)) throw validation('A parameter type is required when you create a parameter.');
  if (before && before.type !== type) throw typeMismatch(before.type, type);
  if (keyId !== undefined && type !== 'SecureString') {
    throw validation('KeyId is required for SecureString type parameter only.');
  }
  const dataType = input.DataType ?? before?.dataType ?? 'text';
  if (dataType !== 'text') throw notSupported(`The data type ${dataType} is not supported here: only text is.`);
  const policies = input.Policies === undefined ? renewed(before?.policies) : readPolicies(input.Policies);
  const tier = tierOf(input, before?.tier, policies);
  checkValue(input.Value ?? '', tier, input.AllowedPattern);
  return {
    type,
    keyId,
    description: input.Description ?? before?.description,
    allowedPattern: input.AllowedPattern,
    tier,
    policies,
    dataType,
  };
}

function tierOf(
  { Tier: asked = 'Standard', Value: value = '', Tier }: PutParameterRequest,
  before: ParameterTier | undefined,
  policies: readonly ParameterPolicy[],
): 'Standard' | 'Advanced' {
  if (before === 'Advanced') {
    if (Tier === 'Standard') {
      throw validation(
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
      );
    }
    return 'Advanced';
  }
  const needsMore = policies.length > 0 || Buffer.byteLength(value) > LARGEST_BYTES.Standard;
  if (asked === 'Intelligent-Tiering') return needsMore ? 'Advanced' : 'Standard';
  if (asked !== 'Standard' && asked !== 'Advanced') throw validation(`The tier ${String(asked)} is not known.`);
  if (asked === 'Standard' && policies.length > 0) {
    throw validation('Parameter policies need the advanced-parameter tier.');
  }
  return asked;
}

function checkValue(value: string, tier: 'Standard' | 'Advanced', pattern: string | undefined): void {
  if (value === '') {
    throw validation(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  if (Buffer.byteLength(value) > LARGEST_BYTES[tier]) {
    throw validation(
      `${tier} tier parameters support a maximum parameter value of ${LARGEST_BYTES[tier]} characters.${tier === 'Standard' ? ' To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.' : ''}`,
    );
  }
  if (pattern !== undefined && pattern !== '' && !compile(pattern).test(value)) throw patternMismatch(pattern);
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (error) {
    throw invalidPattern(`The allowed pattern is not valid: ${(error as SyntaxError).message}`);
  }
}

function makeRoom({ name, versions }: Parameter): void {
  if (versions.length < VERSIONS_LIMIT) return;
  const [oldest] = versions;
  if (oldest!.labels.length > 0) throw versionLimit(name, oldest!.number);
  versions.shift();
}

export const fromTags = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

export function withTags(tags: Readonly<Record<string, string>>, set: readonly Tag[]): Record<string, string> {
  const added = fromTags(set);
  const bad = Object.keys(added).find((key) => key === '' || key.startsWith('aws:'));
  if (bad !== undefined) throw validation(`Invalid tag key: ${bad}`);
  const merged = { ...tags, ...added };
  if (Object.keys(merged).length > TAGS_LIMIT) throw tooManyTags();
  return merged;
}
