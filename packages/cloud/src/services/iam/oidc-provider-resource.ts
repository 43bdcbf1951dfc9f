// aws_iam_openid_connect_provider: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_openid_connect_provider
import type { ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { orNull } from './answers.ts';
import type { IamOperations } from './operations.ts';
import { toTags } from './shapes.ts';

export const oidcProvider: ResourceType = {
  type: 'aws_iam_openid_connect_provider',
  replace: ['url'],
  async create(planned, context) {
    const { OpenIDConnectProviderArn: id } = await clientOf(context)('CreateOpenIDConnectProvider', {
      Url: planned['url'],
      ClientIDList: planned['client_id_list'],
      ThumbprintList: planned['thumbprint_list'] ?? [],
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    return { id };
  },
  async read(state, context) {
    const OpenIDConnectProviderArn: string = state['id'];
    const found = await orNull(clientOf(context)('GetOpenIDConnectProvider', { OpenIDConnectProviderArn }));
    if (!found) return null;
    // The API answers the URL without its scheme; that is no change.
    const known = ((state['url'] as string | undefined) ?? '').replace(/\/$/, '');
    return {
      arn: OpenIDConnectProviderArn,
      url: known.replace(/^https?:\/\//, '') === found.Url ? state['url'] : `https://${found.Url}`,
      client_id_list: found.ClientIDList,
      thumbprint_list: found.ThumbprintList,
      tags_all: Object.fromEntries(found.Tags.map(({ Key, Value }) => [Key, Value])),
    };
  },
  async update(prior, planned, context) {
    const iam = clientOf(context);
    const OpenIDConnectProviderArn: string = prior['id'];
    const before = prior['client_id_list'] as string[];
    const after = planned['client_id_list'] as string[];
    for (const ClientID of after.filter((id) => !before.includes(id))) {
      await iam('AddClientIDToOpenIDConnectProvider', { OpenIDConnectProviderArn, ClientID });
    }
    for (const ClientID of before.filter((id) => !after.includes(id))) {
      await iam('RemoveClientIDFromOpenIDConnectProvider', { OpenIDConnectProviderArn, ClientID });
    }
    const ThumbprintList = planned['thumbprint_list'] as string[] | undefined;
    if (ThumbprintList && ThumbprintList.join(',') !== ((prior['thumbprint_list'] ?? []) as string[]).join(',')) {
      await iam('UpdateOpenIDConnectProviderThumbprint', { OpenIDConnectProviderArn, ThumbprintList });
    }
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) {
      await iam('UntagOpenIDConnectProvider', { OpenIDConnectProviderArn, TagKeys: tags.removed });
    }
    if (Object.keys(tags.set).length > 0) {
      await iam('TagOpenIDConnectProvider', { OpenIDConnectProviderArn, Tags: toTags(tags.set) });
    }
  },
  async delete(state, context) {
    await orNull(clientOf(context)('DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: state['id'] }));
  },
};

const clientOf = (context: ResourceContext) => context.client<IamOperations>('iam');
