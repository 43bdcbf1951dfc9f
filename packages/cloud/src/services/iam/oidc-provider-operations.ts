// OpenID Connect providers: whose tokens AssumeRoleWithWebIdentity takes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
import type {
  CreateOpenIDConnectProviderCommandInput,
  TagOpenIDConnectProviderCommandInput,
  UntagOpenIDConnectProviderCommandInput,
  UpdateOpenIDConnectProviderThumbprintCommandInput,
} from '@aws-sdk/client-iam';

import type { Directory, OidcProvider } from '../../kernel/identity/directory.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { isLoopbackUrl } from '../sts/jwks.ts';
import { alreadyExists, invalid, limitExceeded, noSuchEntity } from './errors.ts';
import { tagContext, taggingToo } from './held-tags.ts';
import { mergeTags, page, tagFacts, toTags, type PageInput } from './shapes.ts';

const CLIENTS_LIMIT = 100;

const THUMBPRINTS_LIMIT = 5;

type ByArn = { OpenIDConnectProviderArn: string | undefined };
type WithClient = ByArn & { ClientID: string | undefined };

export function oidcProviderOperations({ oidcProviders: providers }: Directory, account: string) {
  const arnOf = (url: string) =>
    `arn:aws:iam::${account}:oidc-provider/${url.replace(/^https?:\/\//, '').replace(/\/$/, '')}`;
  const require = (arn: string | undefined): OidcProvider => {
    const provider = providers.get(arn ?? '');
    if (!provider) throw noSuchEntity(`OpenIDConnect Provider for arn ${arn}`);
    return provider;
  };
  const save = (provider: OidcProvider) => providers.put(provider.arn, provider);
  const on =
    (action: string) =>
    ({ OpenIDConnectProviderArn: arn = '*' }: ByArn): Access[] => [
      { action: `iam:${action}`, resource: arn, context: tagFacts(providers.get(arn)?.tags ?? {}) },
    ];

  return {
    CreateOpenIDConnectProvider: {
      access: (input: CreateOpenIDConnectProviderCommandInput): Access[] => [
        {
          action: 'iam:CreateOpenIDConnectProvider',
          resource: arnOf(input.Url ?? ''),
          context: tagContext(input.Tags),
        },
        ...taggingToo('iam:TagOpenIDConnectProvider', arnOf(input.Url ?? ''), input.Tags),
      ],
      run: (input: CreateOpenIDConnectProviderCommandInput, call: Call) => {
        const url = requireUrl(input.Url);
        if (providers.get(arnOf(url))) throw alreadyExists(`Provider with url ${url}`);
        const provider: OidcProvider = {
          arn: arnOf(url),
          url,
          createdAt: call.now,
          clientIds: requireClients(input.ClientIDList ?? []),
          thumbprints: requireThumbprints(input.ThumbprintList ?? []),
          tags: mergeTags({}, input.Tags),
        };
        save(provider);
        return {
          OpenIDConnectProviderArn: provider.arn,
          ...(Object.keys(provider.tags).length > 0 && { Tags: toTags(provider.tags) }),
        };
      },
    },
    GetOpenIDConnectProvider: {
      access: on('GetOpenIDConnectProvider'),
      run: (input: ByArn) => {
        const { url, clientIds, thumbprints, createdAt, tags } = require(input.OpenIDConnectProviderArn);
        return {
          // AWS answers the URL without its scheme.
          Url: url.replace(/^https?:\/\//, ''),
          ClientIDList: clientIds,
          ThumbprintList: thumbprints,
          CreateDate: new Date(createdAt),
          Tags: toTags(tags),
        };
      },
    },
    ListOpenIDConnectProviders: {
      access: (): Access[] => [{ action: 'iam:ListOpenIDConnectProviders', resource: '*' }],
      run: () => ({ OpenIDConnectProviderList: providers.list().map(({ key }) => ({ Arn: key })) }),
    },
    DeleteOpenIDConnectProvider: {
      access: on('DeleteOpenIDConnectProvider'),
      run: (input: ByArn) => {
        providers.delete(require(input.OpenIDConnectProviderArn).arn);
        return {};
      },
    },
    UpdateOpenIDConnectProviderThumbprint: {
      access: on('UpdateOpenIDConnectProviderThumbprint'),
      run: (input: UpdateOpenIDConnectProviderThumbprintCommandInput) => {
        const provider = require(input.OpenIDConnectProviderArn);
        save({ ...provider, thumbprints: requireThumbprints(input.ThumbprintList ?? []) });
        return {};
      },
    },
    AddClientIDToOpenIDConnectProvider: {
      access: on('AddClientIDToOpenIDConnectProvider'),
      run: (input: WithClient) => {
        const provider = require(input.OpenIDConnectProviderArn);
        const clientIds = [...new Set([...provider.clientIds, input.ClientID!])];
        save({ ...provider, clientIds: requireClients(clientIds) });
        return {};
      },
    },
    RemoveClientIDFromOpenIDConnectProvider: {
      access: on('RemoveClientIDFromOpenIDConnectProvider'),
      run: (input: WithClient) => {
        const provider = require(input.OpenIDConnectProviderArn);
        save({ ...provider, clientIds: provider.clientIds.filter((id) => id !== input.ClientID) });
        return {};
      },
    },
    TagOpenIDConnectProvider: {
      access: (input: TagOpenIDConnectProviderCommandInput): Access[] =>
        on('TagOpenIDConnectProvider')(input).map((one) => ({
          ...one,
          context: { ...one.context, ...tagContext(input.Tags) },
        })),
      run: (input: TagOpenIDConnectProviderCommandInput) => {
        const provider = require(input.OpenIDConnectProviderArn);
        save({ ...provider, tags: mergeTags(provider.tags, input.Tags) });
        return {};
      },
    },
    UntagOpenIDConnectProvider: {
      access: (input: UntagOpenIDConnectProviderCommandInput): Access[] =>
        on('UntagOpenIDConnectProvider')(input).map((one) => ({
          ...one,
          context: { ...one.context, 'aws:TagKeys': input.TagKeys },
        })),
      run: (input: UntagOpenIDConnectProviderCommandInput) => {
        const provider = require(input.OpenIDConnectProviderArn);
        save({ ...provider, tags: mergeTags(provider.tags, [], input.TagKeys) });
        return {};
      },
    },
    ListOpenIDConnectProviderTags: {
      access: on('ListOpenIDConnectProviderTags'),
      run: (input: ByArn & PageInput) => {
        const { items, ...rest } = page(toTags(require(input.OpenIDConnectProviderArn).tags), (tag) => tag.Key!, input);
        return { Tags: items, ...rest };
      },
    },
  };
}

// AWS takes https alone; an issuer on this machine may do without.
function requireUrl(text: string | undefined): string {
  const url = URL.canParse(text ?? '') ? new URL(text!) : undefined;
  if (!url || (url.protocol !== 'https:' && !isLoopbackUrl(url)) || url.search || url.hash) {
    throw invalid(
      `Invalid Open ID Connect Provider URL: ${text}. It has to begin with https:// (http:// on loopback).`,
    );
  }
  return text!.replace(/\/$/, '');
}

function requireClients(ids: readonly string[]): string[] {
  if (ids.length > CLIENTS_LIMIT) throw limitExceeded(`ClientIdsPerOpenIdConnectProvider: ${CLIENTS_LIMIT}`);
  return [...ids];
}

function requireThumbprints(thumbprints: readonly string[]): string[] {
  if (thumbprints.length > THUMBPRINTS_LIMIT) throw limitExceeded(`Thumbprints per provider: ${THUMBPRINTS_LIMIT}`);
  const bad = thumbprints.find((thumbprint) => !/^[0-9a-f]{40}$/i.test(thumbprint));
  if (bad !== undefined) throw invalid(`Invalid thumbprint: ${bad}. It has to be 40 hexadecimal digits.`);
  return thumbprints.map((thumbprint) => thumbprint.toLowerCase());
}
