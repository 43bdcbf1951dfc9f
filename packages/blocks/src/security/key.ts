// A KMS key for one purpose: it rotates, has a name, and leaves who may use it to the account's own policies.
import { KmsAlias } from '@cdktn/provider-aws/lib/kms-alias/index.js';
import { KmsKey } from '@cdktn/provider-aws/lib/kms-key/index.js';
import { Construct } from 'constructs';

import { filledIn, validate, type Rule } from '../rules.ts';
import { Stack } from '../stack.ts';
import { anyResource, documentJson, statementJson, type Action, type Grantee, type Wide } from './statement.ts';

export interface KeyProps {
  /** The key's alias, without `alias/`. */
  readonly name: string;
  /** What is encrypted under the key; shown in the console. */
  readonly description: string;
  /** Days between two rotations, 90 to 2560. @default 365 */
  readonly rotationDays?: number;
  /** Days, 7 to 30, for which a key that was deleted can still be had back, and with it all that is encrypted under it. @default 30 */
  readonly deletionDays?: number;
  /** The one service through which the key may be used, whatever IAM policies allow. @default any way that they allow */
  readonly onlyVia?: KeyService;
}

/** Services that use a key for whoever calls them. */
export type KeyService = 'dynamodb' | 's3' | 'secretsmanager' | 'ssm';

/**
 * A symmetric key that KMS rotates. Its policy hands the decision to the account, so that IAM policies, which the grants
 * write, say who may use it. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export class Key extends Construct {
  readonly resource: KmsKey;
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: KeyProps) {
    super(scope, id);
    validate(RULES, props);
    this.name = props.name;
    this.resource = new KmsKey(this, 'Resource', {
      description: props.description,
      enableKeyRotation: true,
      ...(props.rotationDays !== undefined && { rotationPeriodInDays: props.rotationDays }),
      deletionWindowInDays: props.deletionDays ?? DELETION_DAYS.most,
      policy: keyPolicy(Stack.of(this), props.onlyVia),
    });
    // KMS chooses the id, so the ARN is asked of the resource.
    this.arn = this.resource.arn;
    new KmsAlias(this, 'Alias', { name: `alias/${props.name}`, targetKeyId: this.resource.keyId });
  }

  /** Lets `to` encrypt under the key; with `via`, through that service only. */
  grantEncrypt(to: Grantee, via?: KeyService): void {
    this.#grant(to, ['kms:Encrypt', 'kms:GenerateDataKey'], via);
  }

  /** Lets `to` decrypt what is encrypted under the key; with `via`, through that service only. */
  grantDecrypt(to: Grantee, via?: KeyService): void {
    this.#grant(to, ['kms:Decrypt'], via);
  }

  /** Lets Terraform, run by `to`, read the key's settings, but use it for nothing. */
  grantInspect(to: Grantee): void {
    to.allow({
      actions: ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:ListResourceTags'],
      resources: [this.arn],
    });
    to.allow({
      actions: ['kms:ListAliases'],
      resources: [anyResource('AWS defines no resource for ListAliases: it lists those of the whole region')],
    });
  }

  #grant(to: Grantee, actions: readonly Action[], via: KeyService | undefined): void {
    const service = via && `${via}.${Stack.of(this).region}.amazonaws.com`;
    to.allow({
      actions,
      resources: [this.arn],
      ...(service !== undefined && { conditions: { StringEquals: { 'kms:ViaService': [service] } } }),
    });
  }
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
const DELETION_DAYS = { least: 7, most: 30 };

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html */
const ROTATION_DAYS = { least: 90, most: 2560 };

const RULES: readonly Rule<KeyProps>[] = [
  {
    code: 'key-name',
    holds: ({ name }) => /^(?!aws\/)[\w/-]{1,250}$/.test(filledIn(name)),
    says: ({ name }) => `'${name}' is not an alias`,
    fix: "Use up to 250 letters, digits and _-/, without 'alias/' and not beginning with 'aws/'.",
  },
  {
    code: 'key-deletion-days',
    holds: ({ deletionDays }) => isWithin(deletionDays, DELETION_DAYS),
    says: ({ name, deletionDays }) => `'${name}' could be had back for ${deletionDays} days`,
    fix: `Give ${DELETION_DAYS.least} to ${DELETION_DAYS.most} days.`,
  },
  {
    code: 'key-rotation-days',
    holds: ({ rotationDays }) => isWithin(rotationDays, ROTATION_DAYS),
    says: ({ name, rotationDays }) => `'${name}' would rotate every ${rotationDays} days`,
    fix: `Give ${ROTATION_DAYS.least} to ${ROTATION_DAYS.most} days.`,
  },
];

const isWithin = (days: number | undefined, { least, most }: { least: number; most: number }): boolean =>
  days === undefined || (Number.isInteger(days) && days >= least && days <= most);

function keyPolicy({ account, region }: Stack, onlyVia: KeyService | undefined): string {
  const everything: Wide = { pattern: 'kms:*', because: 'a key whose account may not manage it is lost for good' };
  const resources = [anyResource('a key policy speaks of its own key only')];
  const accountDecides = statementJson(
    { actions: [everything], resources },
    { principal: { AWS: `arn:aws:iam::${account}:root` }, sid: 'AccountDecides' },
  );
  if (onlyVia === undefined) return documentJson([accountDecides]);
  const conditions = { StringNotEquals: { 'kms:ViaService': [`${onlyVia}.${region}.amazonaws.com`] } };
  const otherwise = { actions: CRYPTO_ACTIONS, resources, conditions };
  return documentJson([
    accountDecides,
    statementJson(otherwise, { effect: 'Deny', principal: '*', sid: 'OnlyThroughItsService' }),
  ]);
}

const CRYPTO_ACTIONS: readonly (Action | Wide)[] = [
  'kms:Encrypt',
  'kms:Decrypt',
  { pattern: 'kms:ReEncrypt*', because: 'both halves of re-encryption, From and To' },
  { pattern: 'kms:GenerateDataKey*', because: 'data keys in each of their forms' },
];
