// What an operation on a key needs allowed. The key's policy has the last word: IAM's policies help only where it says so.
// https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html
import { prefixed, requestTags, resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import type { EncryptionContext } from './ciphertext.ts';
import type { Grants, GrantRequest } from './grants.ts';
import { policyWith } from './grants.ts';
import type { Found, Key, Keys } from './keys.ts';
import { localName, originOf } from './keys.ts';

export type Context = NonNullable<Access['context']>;

/** What a request says of itself beside the key. */
export interface Asked extends Pick<GrantRequest, 'passedOn'> {
  readonly encryptionContext?: EncryptionContext | undefined;
  readonly context?: Context;
}

export class Guard {
  readonly #keys: Keys;
  readonly #grants: Grants;

  constructor(keys: Keys, grants: Grants) {
    this.#keys = keys;
    this.#grants = grants;
  }

  /** On the key that a request names. Of a key that is not there only those learn who may do it to any. */
  named(operation: string, named: string | undefined, call: Call, asked: Asked = {}): Access {
    const found = this.#keys.find(call, named ?? '');
    if (found) return this.found(operation, found, call, asked);
    const name = localName(call, named ?? '');
    const resource = name.startsWith('alias/') ? name : `key/${name}`;
    return {
      action: `kms:${operation}`,
      resource: `arn:aws:kms:${call.region}:${call.account}:${resource}`,
      context: { ...callerContext(call), ...contextOfRequest(asked) },
    };
  }

  found(operation: string, { key, alias }: Found, call: Call, asked: Asked = {}): Access {
    return {
      action: `kms:${operation}`,
      resource: key.arn,
      ...this.#facts(operation, key, call, asked),
      context: {
        ...this.#contextOf(key, call),
        ...contextOfRequest(asked),
        ...(alias !== undefined && { 'kms:RequestAlias': alias }),
      },
    };
  }

  /** For `plinth iam why`. */
  describe(arn: string, action: string, call: Call): ResourceFacts | undefined {
    const [, region = '', id = ''] = /^arn:aws:kms:([^:]+):\d{12}:key\/(.+)$/.exec(arn) ?? [];
    const key = this.#keys.get(region, id);
    if (!key) return undefined;
    return { ...this.#facts(action.split(':')[1] ?? '', key, call, {}), context: this.#contextOf(key, call) };
  }

  #facts(operation: string, key: Key, { sourceArn }: Call, { encryptionContext, passedOn }: Asked): ResourceFacts {
    const grants = this.#grants.ofKey(key);
    const policy =
      grants.length === 0 ? key.policy : policyWith(key, grants, { operation, encryptionContext, sourceArn, passedOn });
    return { resourcePolicy: policy, resourcePolicyRequired: true };
  }

  #contextOf(key: Key, call: Call): Context {
    return {
      ...callerContext(call),
      ...resourceTags(key.tags),
      'kms:KeySpec': key.spec,
      'kms:KeyUsage': key.usage,
      'kms:KeyOrigin': originOf(key),
      'kms:MultiRegion': String(key.multiRegion !== undefined),
      'kms:MultiRegionKeyType': key.multiRegion,
      'kms:ResourceAliases': this.#keys.aliasesOf(key).map(({ name }) => name),
    };
  }
}

/** An access that is about no key. */
export const onNothing = (operation: string, call: Call, context: Context = {}): Access => ({
  action: `kms:${operation}`,
  resource: '*',
  context: { ...callerContext(call), ...context },
});

export const tagsContext = (tags: Readonly<Record<string, string>>): Context => requestTags(tags);

function callerContext({ principal, region, via = [] }: Call): Context {
  const service = via.at(-1);
  return {
    ...(principal.account !== '' && { 'kms:CallerAccount': principal.account }),
    ...(service !== undefined && { 'kms:ViaService': `${service}.${region}.amazonaws.com` }),
  };
}

function contextOfRequest({ encryptionContext = {}, context = {} }: Asked): Context {
  const keys = Object.keys(encryptionContext);
  return {
    ...context,
    ...prefixed('kms:EncryptionContext:', encryptionContext),
    ...(keys.length > 0 && { 'kms:EncryptionContextKeys': keys }),
  };
}
