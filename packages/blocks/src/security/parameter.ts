// A parameter: configuration that running code reads, and that is no secret.
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js';
import { Construct } from 'constructs';

import { filledIn, validate, type Rule } from '../rules.ts';
import { Stack } from '../stack.ts';
import { anyResource, type Grantee } from './statement.ts';

export interface ParameterProps {
  /** The parameter's path, e.g. `/shop/production/checkout-url`. */
  readonly name: string;
  /** What reads it, and what for; shown in the console. */
  readonly description: string;
  /** A text, or a list of texts without commas. A secret belongs into a `Secret`: this value is in Terraform's state. */
  readonly value: string | readonly string[];
  /** A regular expression that every later value has to match. @default any */
  readonly allowedPattern?: string;
}

/** A standard parameter, a text or a list of texts, shown in plans: for what may be seen. */
export class Parameter extends Construct {
  readonly resource: SsmParameter;
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: ParameterProps) {
    super(scope, id);
    validate(RULES, props);
    this.name = props.name;
    this.arn = Stack.of(this).arnOf('ssm', `parameter${props.name}`);
    this.resource = new SsmParameter(this, 'Resource', {
      name: props.name,
      description: props.description,
      type: typeof props.value === 'string' ? 'String' : 'StringList',
      insecureValue: textOf(props.value),
      ...(props.allowedPattern !== undefined && { allowedPattern: props.allowedPattern }),
    });
  }

  /** Lets `to` read the value. */
  grantRead(to: Grantee): void {
    to.allow({ actions: ['ssm:GetParameter', 'ssm:GetParameters'], resources: [this.arn] });
  }

  /** Lets Terraform, run by `to`, read the parameter as it is. */
  grantInspect(to: Grantee): void {
    to.allow({ actions: ['ssm:GetParameter', 'ssm:ListTagsForResource'], resources: [this.arn] });
    to.allow({
      actions: ['ssm:DescribeParameters'],
      resources: [anyResource('AWS defines no resource for DescribeParameters: it searches the whole region')],
    });
  }
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const LARGEST_BYTES = 4096;

const RULES: readonly Rule<ParameterProps>[] = [
  {
    code: 'parameter-name',
    holds: ({ name }) => /^(?!\/(aws|ssm))(\/[\w.-]+){1,15}$/i.test(filledIn(name)),
    says: ({ name }) => `'${name}' is not a parameter's path`,
    fix: "Begin with a slash, use letters, digits and _.- between up to 15 slashes, and not 'aws' or 'ssm' first.",
  },
  {
    code: 'parameter-value',
    holds: ({ value }) => textOf(value) !== '' && Buffer.byteLength(textOf(value)) <= LARGEST_BYTES,
    says: ({ name, value }) => `the value of '${name}' has ${Buffer.byteLength(textOf(value))} bytes`,
    fix: `A standard parameter has 1 to ${LARGEST_BYTES} bytes: put more into a bucket.`,
  },
  {
    code: 'parameter-list',
    holds: ({ value }) => typeof value === 'string' || value.every((item) => item !== '' && !item.includes(',')),
    says: ({ name }) => `an item of the list '${name}' is empty or has a comma in it, at which lists are split`,
    fix: 'Use items without commas, or one text in a form of your own.',
  },
];

const textOf = (value: string | readonly string[]): string => (typeof value === 'string' ? value : value.join(','));
