// AssumeRoleWithWebIdentity: a role for whoever holds a token of an OpenID Connect issuer that the account knows.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
import type { AssumeRoleWithWebIdentityCommandInput } from '@aws-sdk/client-sts';

import { AwsError } from '../../kernel/errors.ts';
import type { OidcProvider } from '../../kernel/identity/directory.ts';
import type { Identity } from '../../kernel/identity/identity.ts';
import type { Principal } from '../../kernel/identity/principal.ts';
import type { Access, Call } from '../../kernel/service.ts';
import type { JwksSource } from './jwks.ts';
import { isSignedBy, readToken, type Token } from './jwt.ts';
import {
  credentials,
  invalid,
  requireDuration,
  requireSessionName,
  sessionPolicies,
  sessionTags,
  tagContext,
  UNSAID_SECONDS,
} from './session-input.ts';

/** How far the issuer's clock may be ahead, in milliseconds. */
const SKEW_MILLISECONDS = 5 * 60_000;

/** Claims in which an issuer passes session tags and a source identity. */
const TAGS_CLAIM = 'https://aws.amazon.com/tags';
const SOURCE_IDENTITY_CLAIM = 'https://aws.amazon.com/source_identity';

export const assumeRoleWithWebIdentity = (identity: Identity, account: string, jwks: JwksSource) => ({
  unsigned: true,
  // Who calls is known only once the issuer's keys are: `run` asks IAM then.
  access: (): Access[] => [],
  run: async (input: AssumeRoleWithWebIdentityCommandInput, call: Call) => {
    const token = readToken(input.WebIdentityToken ?? '');
    if (!token)
      throw badToken('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
    const provider = requireProvider(identity, token, account);
    const claims = await verifiedClaims(token, provider, jwks, call.now);
    const principal: Principal = {
      kind: 'web-identity',
      account,
      arn: `${nameOf(provider)}:${claims.subject}`,
      id: claims.subject,
      provider: provider.arn,
    };
    const role = identity.directory.findRoleByArn(input.RoleArn ?? '');
    const tags = sessionTags(claims.tags);
    const on = (action: string): Access => ({
      action,
      resource: input.RoleArn ?? '',
      resourcePolicy: role?.trust,
      resourcePolicyRequired: true,
      context: {
        ...claimContext(nameOf(provider), claims),
        'sts:RoleSessionName': input.RoleSessionName,
        'sts:SourceIdentity': claims.sourceIdentity,
        ...tagContext(claims.tags, claims.transitive),
      },
    });
    const needed = [
      on('sts:AssumeRoleWithWebIdentity'),
      ...(claims.tags.length > 0 ? [on('sts:TagSession')] : []),
      ...(claims.sourceIdentity ? [on('sts:SetSourceIdentity')] : []),
    ];
    identity.authorize(needed, { ...call, principal });
    const durationSeconds = requireDuration(input.DurationSeconds, UNSAID_SECONDS, 43_200);
    if (durationSeconds > role!.maxSessionSeconds) {
      throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
    }
    const session = identity.openSession({
      role: role!,
      sessionName: requireSessionName(input.RoleSessionName),
      durationSeconds,
      policies: sessionPolicies(identity, input),
      tags,
      transitive: claims.transitive,
      sourceIdentity: claims.sourceIdentity,
      federatedProvider: provider.arn,
    });
    return {
      Credentials: credentials(session),
      AssumedRoleUser: { AssumedRoleId: session.principal.id, Arn: session.principal.arn },
      SubjectFromWebIdentityToken: claims.subject,
      Audience: claims.audience,
      Provider: provider.arn,
      SourceIdentity: claims.sourceIdentity,
    };
  },
});

interface Claims {
  readonly subject: string;
  /** The audience that conditions see: the authorized party where the token names one. */
  readonly audience: string;
  readonly tokenAudience: readonly string[];
  readonly email: string | undefined;
  readonly methods: readonly string[];
  readonly tags: readonly { Key: string; Value: string }[];
  readonly transitive: readonly string[];
  readonly sourceIdentity: string | undefined;
}

function requireProvider(identity: Identity, { claims }: Token, account: string): OidcProvider {
  const [issuer = ''] = texts(claims['iss']);
  const arn = `arn:aws:iam::${account}:oidc-provider/${issuer.replace(/^https?:\/\//, '').replace(/\/$/, '')}`;
  const provider = identity.directory.oidcProviders.get(arn);
  if (!provider || provider.url.replace(/\/$/, '') !== issuer.replace(/\/$/, '')) {
    throw badToken(`No OpenIDConnect provider found in your account for ${issuer}`);
  }
  return provider;
}

async function verifiedClaims(token: Token, provider: OidcProvider, jwks: JwksSource, now: number): Promise<Claims> {
  const keys = async (fresh: boolean) => {
    try {
      return await jwks(provider, { fresh });
    } catch (error) {
      throw badToken(
        `Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements (${error instanceof Error ? error.message : String(error)})`,
      );
    }
  };
  // An issuer may have changed its keys since they were asked for.
  if (!isSignedBy(token, await keys(false)) && !isSignedBy(token, await keys(true))) {
    throw badToken('Provided Token signature is invalid: no key of the issuer has signed it');
  }
  const { claims } = token;
  const [expires, issued, notBefore] = ['exp', 'iat', 'nbf'].map((name) => seconds(claims[name]));
  if (expires === undefined) throw badToken('Missing a required claim: exp');
  if (issued === undefined) throw badToken('Missing a required claim: iat');
  if (expires <= now) {
    throw new AwsError(
      'ExpiredTokenException',
      `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${expires / 1000}`,
    );
  }
  if (Math.max(issued, notBefore ?? 0) > now + SKEW_MILLISECONDS) throw badToken('Token is not valid yet');
  const subject = claims['sub'];
  if (typeof subject !== 'string' || subject === '') throw badToken('Missing a required claim: sub');
  const tokenAudience = texts(claims['aud']);
  const [party] = texts(claims['azp']);
  const audience = party ?? tokenAudience.find((name) => provider.clientIds.includes(name));
  if (audience === undefined || !provider.clientIds.includes(audience)) throw badToken('Incorrect token audience');
  const { principal_tags, transitive_tag_keys } = (claims[TAGS_CLAIM] ?? {}) as Record<string, unknown>;
  return {
    subject,
    audience,
    tokenAudience,
    email: texts(claims['email'])[0],
    methods: texts(claims['amr']),
    tags: Object.entries((principal_tags ?? {}) as object).map(([Key, value]) => ({
      Key,
      Value: texts(value)[0] ?? '',
    })),
    transitive: texts(transitive_tag_keys),
    sourceIdentity: texts(claims[SOURCE_IDENTITY_CLAIM])[0],
  };
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
function claimContext(name: string, claims: Claims): NonNullable<Access['context']> {
  return {
    [`${name}:aud`]: claims.audience,
    [`${name}:oaud`]: claims.tokenAudience.length > 0 ? claims.tokenAudience : undefined,
    [`${name}:sub`]: claims.subject,
    [`${name}:email`]: claims.email,
    [`${name}:amr`]: claims.methods.length > 0 ? claims.methods : undefined,
  };
}

/** The provider's name in condition keys: its URL without the scheme. */
const nameOf = ({ arn }: OidcProvider): string => arn.slice(arn.indexOf('/') + 1);

const seconds = (value: unknown): number | undefined => (typeof value === 'number' ? value * 1000 : undefined);

const texts = (value: unknown): string[] =>
  [value].flat().filter((item): item is string => typeof item === 'string' && item !== '');

const badToken = (message: string): AwsError => new AwsError('InvalidIdentityToken', message);
