// Parameters described, labelled, tagged and deleted.
import type {
  AddTagsToResourceRequest,
  DeleteParameterRequest,
  DeleteParametersRequest,
  DescribeParametersRequest,
  LabelParameterVersionRequest,
  ListTagsForResourceRequest,
  RemoveTagsFromResourceRequest,
  UnlabelParameterVersionRequest,
} from '@aws-sdk/client-ssm';

import { requestTags } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { tellOfChange } from './changes.ts';
import { invalidResourceId, labelLimit, unsupportedResource, validation } from './errors.ts';
import { compileFilters, compileOldFilters, DESCRIBE_KEYS } from './filters.ts';
import { latest, requireVersion, type Parameter } from './parameters.ts';
import { fromTags, withTags } from './put-operation.ts';
import { describeVersion } from './read-operations.ts';
import { onParameter, page, refer, type ParameterStore } from './service.ts';

const DESCRIBE_PAGE = 50;
const NAMES_LIMIT = 10;
const LABELS_LIMIT = 10;

type Tagged = { ResourceType: string | undefined; ResourceId: string | undefined };

export function manageOperations(store: ParameterStore) {
  const { parameters, kernel } = store;
  const remove = (parameter: Parameter): void => {
    parameters.delete(parameter);
    tellOfChange(kernel, parameter, 'Delete');
  };
  const require = (call: Call, text: string | undefined): Parameter =>
    parameters.require(call, refer(store, call, text).name);
  const requireTagged = (call: Call, { ResourceType: type = '', ResourceId: id }: Tagged): Parameter => {
    if (type !== 'Parameter') throw unsupportedResource(type);
    const parameter = parameters.find(call, refer(store, call, id).name);
    if (!parameter) throw invalidResourceId();
    return parameter;
  };

  return {
    DescribeParameters: {
      access: (_: unknown, { region, account }: Call): Access[] => [
        { action: 'ssm:DescribeParameters', resource: `arn:aws:ssm:${region}:${account}:*` },
      ],
      run: (input: DescribeParametersRequest, call: Call) => {
        if (input.Filters?.length && input.ParameterFilters?.length) {
          throw validation('You can use either Filters or ParameterFilters in a single request.');
        }
        // Nobody shares parameters with the one account that there is.
        const own = input.Shared ? [] : parameters.list(call.region);
        const found = own
          .filter(compileOldFilters(input.Filters))
          .filter(compileFilters(input.ParameterFilters, DESCRIBE_KEYS));
        const { items, rest } = page(found, ({ name }) => name, input, DESCRIBE_PAGE);
        return {
          Parameters: items.map((parameter) => ({
            Name: parameter.name,
            ARN: parameter.arn,
            ...describeVersion(latest(parameter)),
          })),
          ...rest,
        };
      },
    },
    DeleteParameter: {
      access: (input: DeleteParameterRequest, call: Call): Access[] => [
        onParameter(store, 'DeleteParameter', input.Name, call),
      ],
      run: (input: DeleteParameterRequest, call: Call) => {
        remove(require(call, input.Name));
        return {};
      },
    },
    DeleteParameters: {
      access: ({ Names: names = [] }: DeleteParametersRequest, call: Call): Access[] =>
        names.map((name) => onParameter(store, 'DeleteParameters', name, call)),
      run: ({ Names: names = [] }: DeleteParametersRequest, call: Call) => {
        if (names.length === 0 || names.length > NAMES_LIMIT) {
          throw validation(`Between 1 and ${NAMES_LIMIT} parameters can be deleted at once.`);
        }
        const found = names.filter((name) => parameters.find(call, refer(store, call, name).name));
        for (const name of found) remove(require(call, name));
        return { DeletedParameters: found, InvalidParameters: names.filter((name) => !found.includes(name)) };
      },
    },
    LabelParameterVersion: {
      access: (input: LabelParameterVersionRequest, call: Call): Access[] => [
        onParameter(store, 'LabelParameterVersion', input.Name, call),
      ],
      run: (input: LabelParameterVersionRequest, call: Call) => {
        const parameter = require(call, input.Name);
        const version = requireVersion(parameter, input.ParameterVersion?.toString());
        const labels = new Set(input.Labels);
        const valid = [...labels].filter(isLabel);
        if (new Set([...version.labels, ...valid]).size > LABELS_LIMIT) throw labelLimit(LABELS_LIMIT);
        // A label is on one version at a time.
        for (const each of parameter.versions) each.labels = each.labels.filter((label) => !valid.includes(label));
        version.labels.push(...valid);
        parameters.save(parameter);
        if (valid.length > 0) tellOfChange(kernel, parameter, 'LabelParameterVersion');
        return {
          InvalidLabels: [...labels].filter((label) => !isLabel(label)),
          ParameterVersion: version.number,
        };
      },
    },
    UnlabelParameterVersion: {
      access: (input: UnlabelParameterVersionRequest, call: Call): Access[] => [
        onParameter(store, 'UnlabelParameterVersion', input.Name, call),
      ],
      run: (input: UnlabelParameterVersionRequest, call: Call) => {
        const parameter = require(call, input.Name);
        const version = requireVersion(parameter, String(input.ParameterVersion));
        const labels = input.Labels ?? [];
        const removed = labels.filter((label) => version.labels.includes(label));
        version.labels = version.labels.filter((label) => !removed.includes(label));
        parameters.save(parameter);
        return { RemovedLabels: removed, InvalidLabels: labels.filter((label) => !removed.includes(label)) };
      },
    },
    AddTagsToResource: {
      access: (input: AddTagsToResourceRequest, call: Call): Access[] => [
        onParameter(store, 'AddTagsToResource', input.ResourceId, call, requestTags(fromTags(input.Tags))),
      ],
      run: (input: AddTagsToResourceRequest, call: Call) => {
        const parameter = requireTagged(call, input);
        parameters.save({ ...parameter, tags: withTags(parameter.tags, input.Tags ?? []) });
        return {};
      },
    },
    RemoveTagsFromResource: {
      access: (input: RemoveTagsFromResourceRequest, call: Call): Access[] => [
        onParameter(store, 'RemoveTagsFromResource', input.ResourceId, call, { 'aws:TagKeys': input.TagKeys }),
      ],
      run: (input: RemoveTagsFromResourceRequest, call: Call) => {
        const parameter = requireTagged(call, input);
        const removed = new Set(input.TagKeys);
        const kept = Object.entries(parameter.tags).filter(([key]) => !removed.has(key));
        parameters.save({ ...parameter, tags: Object.fromEntries(kept) });
        return {};
      },
    },
    ListTagsForResource: {
      access: (input: ListTagsForResourceRequest, call: Call): Access[] => [
        onParameter(store, 'ListTagsForResource', input.ResourceId, call),
      ],
      run: (input: ListTagsForResourceRequest, call: Call) => {
        const { tags } = requireTagged(call, input);
        return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      },
    },
  };
}

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html
const isLabel = (label: string): boolean => /^(?!\d|aws|ssm)[\w.-]{1,100}$/i.test(label);
