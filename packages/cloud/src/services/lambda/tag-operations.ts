// Tags of functions and event source mappings. https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html
import type { TagResourceCommandInput, UntagResourceCommandInput } from '@aws-sdk/client-lambda';

import type { Access, Call } from '../../kernel/service.ts';
import { onFunction, tagContext } from './access.ts';
import { invalidParameter, requireOwnTags } from './errors.ts';
import { onMapping } from './mappings.ts';
import type { Lambda } from './service.ts';

interface TagInput {
  Resource: string | undefined;
  Tags?: Record<string, string> | undefined;
  TagKeys?: string[] | undefined;
}

interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
  readonly save: (tags: Readonly<Record<string, string>>) => void;
}

const MOST_TAGS = 50;

const MAPPING = ':event-source-mapping:';

export function tagOperations({ functions, mappings }: Lambda) {
  const access =
    (action: string) =>
    ({ Resource, Tags, TagKeys }: TagInput, call: Call): Access[] => {
      const context = Tags ? tagContext(Tags) : { 'aws:TagKeys': TagKeys };
      const [, mapping] = Resource?.split(MAPPING) ?? [];
      if (mapping === undefined) return [onFunction(functions, action, call, { FunctionName: Resource }, context)];
      const one = onMapping(mappings, action, mapping, call);
      return [{ ...one, context: { ...one.context, ...context } }];
    };
  const require = (resource: string | undefined, call: Call): Tagged => {
    if (resource?.includes(MAPPING)) {
      const mapping = mappings.require(call, resource);
      return { tags: mapping.tags, save: (tags) => mappings.save({ ...mapping, tags }) };
    }
    const fn = functions.named(call, resource);
    return { tags: fn.tags, save: (tags) => functions.save({ ...fn, tags }) };
  };

  return {
    TagResource: {
      access: access('TagResource'),
      run: ({ Resource, Tags }: TagResourceCommandInput, call: Call) => {
        requireOwnTags(Tags);
        const { tags, save } = require(Resource, call);
        const all = { ...tags, ...Tags };
        if (Object.keys(all).length > MOST_TAGS) throw invalidParameter(`A function has at most ${MOST_TAGS} tags.`);
        save(all);
        return {};
      },
    },
    UntagResource: {
      access: access('UntagResource'),
      run: ({ Resource, TagKeys }: UntagResourceCommandInput, call: Call) => {
        const { tags, save } = require(Resource, call);
        save(Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys?.includes(key))));
        return {};
      },
    },
    ListTags: {
      access: access('ListTags'),
      run: ({ Resource }: TagInput, call: Call) => ({ Tags: { ...require(Resource, call).tags } }),
    },
  };
}
