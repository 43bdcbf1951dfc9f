// Who is calling: the kinds of principal that IAM knows.
export type Principal =
  | { readonly kind: 'root'; readonly account: string; readonly arn: string; readonly id: string }
  | {
      readonly kind: 'user';
      readonly account: string;
      readonly arn: string;
      readonly id: string;
      readonly name: string;
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
      readonly tags: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'service';
      readonly account: string;
      readonly arn: string;
      readonly id: string;
      readonly name: string;
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
