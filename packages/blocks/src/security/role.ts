// An IAM role that one AWS service may assume for this account, and that may do what blocks grant it.
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js';
import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js';
import { Lazy } from 'cdktn';
import { Construct } from 'constructs';

import { filledIn, validate, type Rule } from '../rules.ts';
import { Stack } from '../stack.ts';
import {
  documentJson,
  policyJson,
  statementJson,
  validateStatement,
  type Action,
  type CheckedStatement,
  type Grantee,
  type Statement,
} from './statement.ts';

export interface RoleProps {
  /** The role's name in the account. */
  readonly name: string;
  /** The service that assumes it, e.g. `codebuild.amazonaws.com`. */
  readonly assumedBy: `${string}.amazonaws.com`;
  /** Narrows the trust to one resource of that service, where the service says on whose behalf it acts. @default any of this account */
  readonly sourceArn?: string;
  /** What the role is for; shown in the console. */
  readonly description: string;
}

/**
 * A service's role: trusted for this account's resources only (the confused deputy finds it shut), with one inline policy
 * that holds exactly what was granted. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export class Role extends Construct implements Grantee {
  readonly resource: IamRole;
  readonly name: string;
  readonly arn: string;
  /** What has to be there before the role may do what it was granted; for `dependsOn`. */
  readonly policies: IamRolePolicy[] = [];
  readonly #statements: Statement[] = [];

  constructor(scope: Construct, id: string, props: RoleProps) {
    super(scope, id);
    validate(RULES, props);
    const stack = Stack.of(this);
    this.name = props.name;
    this.arn = `arn:aws:iam::${stack.account}:role/${props.name}`;
    this.resource = new IamRole(this, 'Resource', {
      name: props.name,
      description: props.description,
      assumeRolePolicy: trustPolicy(props, stack.account),
    });
  }

  /** Allows exactly these actions on exactly these resources; a `*` has to be `anyAction` or `anyResource`, with its reason. */
  allow<const A extends Action, const R extends string>(statement: CheckedStatement<A, R>): void {
    validateStatement(statement);
    if (this.#statements.length === 0) this.#addPolicy();
    this.#statements.push(statement);
  }

  /** Lets Terraform, run by `to`, read the role as it is. */
  grantInspect(to: Grantee): void {
    to.allow({
      actions: ['iam:GetRole', 'iam:ListRolePolicies', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies'],
      resources: [this.arn],
    });
  }

  #addPolicy(): void {
    this.policies.push(
      new IamRolePolicy(this, 'Policy', {
        name: this.name,
        role: this.resource.name,
        policy: Lazy.stringValue({ produce: () => policyJson(this.#statements) }),
      }),
    );
  }
}

const RULES: readonly Rule<RoleProps>[] = [
  {
    code: 'role-name',
    holds: ({ name }) => /^[\w+=,.@-]{1,64}$/.test(filledIn(name)),
    says: ({ name }) => `'${name}' is not a role name`,
    fix: 'Use up to 64 letters, digits and +=,.@_-.',
  },
];

function trustPolicy({ assumedBy, sourceArn }: RoleProps, account: string): string {
  const conditions = {
    StringEquals: { 'aws:SourceAccount': [account] },
    ...(sourceArn !== undefined && { ArnLike: { 'aws:SourceArn': [sourceArn] } }),
  };
  const statement = { actions: ['sts:AssumeRole'], resources: [], conditions };
  return documentJson([statementJson(statement, { principal: { Service: assumedBy } })]);
}
