// A managed IAM policy: a named set of permissions that several roles share.
import { IamPolicy } from '@cdktn/provider-aws/lib/iam-policy/index.js';
import { IamRolePolicyAttachment } from '@cdktn/provider-aws/lib/iam-role-policy-attachment/index.js';
import { Lazy } from 'cdktn';
import { Construct } from 'constructs';

import { filledIn, validate, type Rule } from '../rules.ts';
import type { Role } from './role.ts';
import {
  policyJson,
  validateStatement,
  type Action,
  type CheckedStatement,
  type Grantee,
  type Statement,
} from './statement.ts';

export interface PolicyProps {
  /** The policy's name in the account. */
  readonly name: string;
  /** What whoever holds it may do, in one sentence. */
  readonly description: string;
}

/** A set of permissions with a name, granted like a role's own and attached to as many roles as need them. */
export class Policy extends Construct implements Grantee {
  readonly resource: IamPolicy;
  readonly #statements: Statement[] = [];

  constructor(scope: Construct, id: string, props: PolicyProps) {
    super(scope, id);
    validate(RULES, props);
    this.resource = new IamPolicy(this, 'Resource', {
      name: props.name,
      description: props.description,
      policy: Lazy.stringValue({ produce: () => policyJson(this.#statements) }),
    });
    this.node.addValidation({
      validate: () =>
        this.#statements.length > 0 ? [] : [`the policy '${props.name}' allows nothing: grant it something`],
    });
  }

  /** Allows exactly these actions on exactly these resources; a `*` has to be `anyAction` or `anyResource`, with its reason. */
  allow<const A extends Action, const R extends string>(statement: CheckedStatement<A, R>): void {
    validateStatement(statement);
    this.#statements.push(statement);
  }

  /** Gives the policy to a role. */
  attachTo(role: Role): void {
    new IamRolePolicyAttachment(this, role.node.id, { policyArn: this.resource.arn, role: role.resource.name });
  }
}

const RULES: readonly Rule<PolicyProps>[] = [
  {
    code: 'policy-name',
    holds: ({ name }) => /^[\w+=,.@-]{1,128}$/.test(filledIn(name)),
    says: ({ name }) => `'${name}' is not a policy name`,
    fix: 'Use up to 128 letters, digits and +=,.@_-.',
  },
];
