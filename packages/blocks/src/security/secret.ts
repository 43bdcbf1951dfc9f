// A secret whose value Terraform never sees: it is written once from outside, or by a rotation.
import { SecretsmanagerSecretRotation } from '@cdktn/provider-aws/lib/secretsmanager-secret-rotation/index.js';
import { SecretsmanagerSecret } from '@cdktn/provider-aws/lib/secretsmanager-secret/index.js';
import { Construct } from 'constructs';

import type { Function } from '../compute/function.ts';
import { filledIn, validate, type Rule } from '../rules.ts';
import { Stack } from '../stack.ts';
import type { Key } from './key.ts';
import type { Grantee } from './statement.ts';

export interface SecretProps {
  /** The secret's name, e.g. `shop/production/database`. */
  readonly name: string;
  /** What the secret opens; shown in the console. */
  readonly description: string;
  /** The key under which its values are encrypted. */
  readonly key: Key;
  /** Days, 7 to 30, for which a deleted secret can be had back; 0 deletes it, and frees its name, at once. @default 30 in production, 7 elsewhere */
  readonly recoveryDays?: number;
}

/** The label of a version. https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html */
export type SecretStage = 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS';

export interface RotationOptions {
  /** Days between two rotations. */
  readonly days: number;
  /** The versions that the function may read, by their labels. @default all of them */
  readonly reads?: readonly SecretStage[];
}

/**
 * A secret under a key of its own, without a value: whoever is granted `grantWrite` puts one, so that neither a plan nor a state
 * holds it. https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html
 */
export class Secret extends Construct {
  readonly resource: SecretsmanagerSecret;
  readonly name: string;
  readonly arn: string;
  readonly #key: Key;

  constructor(scope: Construct, id: string, props: SecretProps) {
    super(scope, id);
    validate(RULES, props);
    this.name = props.name;
    this.#key = props.key;
    this.resource = new SecretsmanagerSecret(this, 'Resource', {
      name: props.name,
      description: props.description,
      kmsKeyId: props.key.arn,
      recoveryWindowInDays:
        props.recoveryDays ?? (Stack.of(this).production ? RECOVERY_DAYS.most : RECOVERY_DAYS.least),
    });
    // Secrets Manager ends the ARN at random, so it is asked of the resource.
    this.arn = this.resource.arn;
  }

  /** Lets `to` read the value; with `stages`, of versions that have one of these labels only. */
  grantRead(to: Grantee, stages?: readonly SecretStage[]): void {
    to.allow({ actions: ['secretsmanager:DescribeSecret'], resources: [this.arn] });
    to.allow({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [this.arn],
      ...(stages && { conditions: { StringEquals: { 'secretsmanager:VersionStage': stages } } }),
    });
    this.#key.grantDecrypt(to, 'secretsmanager');
  }

  /** Lets `to` put new values and make them the current one, as an operator or a rotation does, but read none. */
  grantWrite(to: Grantee): void {
    to.allow({
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: [this.arn],
    });
    this.#key.grantEncrypt(to, 'secretsmanager');
  }

  /**
   * Has a function make a new value every so many days, and the first one at once.
   * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
   */
  rotate(by: Function, { days, reads }: RotationOptions): void {
    this.grantRead(by, reads);
    this.grantWrite(by);
    const permission = by.allowService(`rotates_${this.node.id}`, 'secretsmanager.amazonaws.com', this.arn);
    new SecretsmanagerSecretRotation(this, 'Rotation', {
      secretId: this.resource.id,
      rotationLambdaArn: by.resource.arn,
      rotationRules: { automaticallyAfterDays: days },
      rotateImmediately: true,
      dependsOn: [permission, ...by.role.policies],
    });
  }

  /** Lets Terraform, run by `to`, read the secret's settings, but no value. */
  grantInspect(to: Grantee): void {
    to.allow({
      actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetResourcePolicy'],
      resources: [this.arn],
    });
  }
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
const RECOVERY_DAYS = { least: 7, most: 30 };

const RULES: readonly Rule<SecretProps>[] = [
  {
    code: 'secret-name',
    holds: ({ name }) => /^[\w/+=.@-]{1,512}$/.test(filledIn(name)),
    says: ({ name }) => `'${name}' is not a secret's name`,
    fix: 'Use up to 512 letters, digits and _/+=.@-.',
  },
  {
    code: 'secret-name-end',
    holds: ({ name }) => !/-\w{6}$/.test(name),
    says: ({ name }) => `'${name}' ends like the random end of an ARN, by which Secrets Manager may mistake it`,
    fix: 'End the name otherwise than with a dash and six characters.',
  },
  {
    code: 'secret-recovery-days',
    holds: ({ recoveryDays: days = 0 }) =>
      days === 0 || (Number.isInteger(days) && days >= RECOVERY_DAYS.least && days <= RECOVERY_DAYS.most),
    says: ({ name, recoveryDays }) => `'${name}' could be had back for ${recoveryDays} days`,
    fix: `Give ${RECOVERY_DAYS.least} to ${RECOVERY_DAYS.most} days, or 0.`,
  },
];
