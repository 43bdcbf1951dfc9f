// Who is calling: the kinds of principal that IAM knows.
export type Principal =
  | {
      readonly kind: 'root';
      readonly account: string;
      readonly arn: string;
      readonly id: string;
      readonly issuedAt?: number;
    }
  | {
      readonly kind: 'user';
      readonly account: string;
      readonly arn: string;
      readonly id: string;
      readonly name: string;
      /** When its temporary credentials were made, in milliseconds; absent where it signs with an access key of its own. */
      readonly issuedAt?: number;
    }
  | {
      readonly kind: 'session';
      readonly account: string;
      /** `arn:aws:sts::<account>:assumed-role/<role>/<session>`. */
      readonly arn: string;
      /** `<role id>:<session>`. */
      readonly id: string;
      readonly roleArn: string;
      readonly roleName: string;
      readonly sessionName: string;
      /** Session policies as JSON texts; they only narrow. */
      readonly policies: readonly string[];
      /** The session's own tags; the role's stand behind them. */
      readonly tags: Readonly<Record<string, string>>;
      /** Keys of the tags that go on to the sessions of further roles. */
      readonly transitive?: readonly string[];
      /** Who somebody said to be at the beginning of a chain of sessions; it stays. */
      readonly sourceIdentity?: string;
      /** The identity provider's name, for a session of a web identity: `token.actions.githubusercontent.com`. */
      readonly federatedProvider?: string;
      readonly issuedAt?: number;
    }
  | {
      /** A session of GetFederationToken. */
      readonly kind: 'federated-user';
      readonly account: string;
      /** `arn:aws:sts::<account>:federated-user/<name>`. */
      readonly arn: string;
      /** `<account>:<name>`. */
      readonly id: string;
      readonly name: string;
      /** Whose permissions the session policies narrow: a user's, or the account root's. */
      readonly issuer:
        | { readonly kind: 'user'; readonly name: string; readonly id: string }
        | { readonly kind: 'root' };
      readonly policies: readonly string[];
      readonly tags: Readonly<Record<string, string>>;
      readonly issuedAt?: number;
    }
  | {
      readonly kind: 'service';
      readonly account: string;
      readonly arn: string;
      readonly id: string;
      readonly name: string;
    }
  | {
      /** Somebody with an identity provider's token, who is nobody in the account yet. */
      readonly kind: 'web-identity';
      readonly account: string;
      /** `<provider>:<subject>`, as AWS's errors have it. */
      readonly arn: string;
      readonly id: string;
      /** The ARN of the OIDC provider. */
      readonly provider: string;
    }
  | { readonly kind: 'anonymous'; readonly account: string; readonly arn: string; readonly id: string };

/** The account's root user, which is what the administrator's access key stands for. */
export const rootPrincipal = (account: string): Principal => ({
  kind: 'root',
  account,
  arn: `arn:aws:iam::${account}:root`,
  id: account,
});

/** An AWS service acting on its own behalf, e.g. `codebuild.amazonaws.com`. */
export const servicePrincipal = (account: string, name: string): Principal => ({
  kind: 'service',
  account,
  arn: name,
  id: name,
  name,
});

export const anonymousPrincipal: Principal = { kind: 'anonymous', account: '', arn: '*', id: 'anonymous' };
