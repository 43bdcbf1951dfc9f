// An SNS topic: what is published reaches everyone who subscribed.
import { SnsTopicPolicy } from '@cdktn/provider-aws/lib/sns-topic-policy/index.js';
import { SnsTopicSubscription } from '@cdktn/provider-aws/lib/sns-topic-subscription/index.js';
import { SnsTopic } from '@cdktn/provider-aws/lib/sns-topic/index.js';
import { TerraformIterator, TerraformVariable } from 'cdktn';
import { Construct } from 'constructs';

import { validate, type Rule } from '../rules.ts';
import { documentJson, statementJson, type Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';

export interface TopicProps {
  /** The topic's name. */
  readonly name: string;
  /** What mails begin with. */
  readonly displayName?: string;
  /** Addresses that get a mail, once they have confirmed that they want it: a list, or a variable of one. @default none */
  readonly emails?: readonly string[] | TerraformVariable;
}

/** A topic that this account's own alarms and rules may publish to, besides whoever is granted to. */
export class Topic extends Construct {
  readonly resource: SnsTopic;
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: TopicProps) {
    super(scope, id);
    validate(RULES, props);
    const stack = Stack.of(this);
    this.name = props.name;
    this.arn = stack.arnOf('sns', props.name);
    this.resource = new SnsTopic(this, 'Resource', {
      name: props.name,
      ...(props.displayName !== undefined && { displayName: props.displayName }),
    });
    new SnsTopicPolicy(this, 'Policy', { arn: this.resource.arn, policy: servicesPublish(this.arn, stack.account) });
    const subscription = { topicArn: this.resource.arn, protocol: 'email' };
    if (props.emails instanceof TerraformVariable) {
      const forEach = TerraformIterator.fromList(props.emails.listValue);
      new SnsTopicSubscription(this, 'email', { ...subscription, forEach, endpoint: forEach.value });
    } else {
      for (const [index, endpoint] of (props.emails ?? []).entries()) {
        new SnsTopicSubscription(this, `email_${index}`, { ...subscription, endpoint });
      }
    }
  }

  /** Lets `to` publish. */
  grantPublish(to: Grantee): void {
    to.allow({ actions: ['sns:Publish'], resources: [this.arn] });
  }
}

function servicesPublish(arn: string, account: string): string {
  const statement = {
    actions: ['sns:Publish'],
    resources: [arn],
    conditions: { StringEquals: { 'aws:SourceAccount': [account] } },
  };
  return documentJson(
    ['cloudwatch', 'events'].map((service) =>
      statementJson(statement, { principal: { Service: `${service}.amazonaws.com` }, sid: `${service}Publishes` }),
    ),
  );
}

const wrongEmail = ({ emails = [] }: TopicProps): string | undefined =>
  emails instanceof TerraformVariable ? undefined : emails.find((email) => !/^[^@\s]+@[^@\s]+$/.test(email));

const RULES: readonly Rule<TopicProps>[] = [
  {
    code: 'topic-name',
    holds: ({ name }) => /^[\w-]{1,256}$/.test(name),
    says: ({ name }) => `'${name}' is not a topic's name`,
    fix: 'Use up to 256 letters, digits, dashes and underscores.',
  },
  {
    code: 'topic-email',
    holds: (props) => wrongEmail(props) === undefined,
    says: (props) => `'${wrongEmail(props)}' is not an address`,
    fix: 'Write addresses as name@example.com.',
  },
];
