// Queue policies: what SQS takes for one.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-creating-custom-policies.html
import { AwsError } from '../../kernel/errors.ts';
import type { Directory } from '../../kernel/identity/directory.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import { invalidAttribute } from './errors.ts';

/** Throws where a text cannot be a queue's policy; an empty one takes a policy back. */
export function checkQueuePolicy(text: string, directory: Directory, account: string): void {
  if (text === '') return;
  const statements = statementsIn(text);
  if (!statements.every(({ principals }) => principals)) {
    throw invalidAttribute('Policy', 'A statement has no principal.');
  }
  if (!statements.every(({ actions }) => actions.every((action) => /^(\*$|sqs:)/i.test(action)))) {
    throw invalidAttribute('Policy', 'A statement has an action that is none of SQS.');
  }
  const unknown = directory.findUnknownPrincipal(statements, account);
  if (unknown !== undefined) throw invalidAttribute('Policy', `${unknown} is no principal.`);
}

function statementsIn(text: string) {
  try {
    return parsePolicy(text, 'resource');
  } catch (error) {
    if (error instanceof AwsError) throw invalidAttribute('Policy', error.message);
    throw error;
  }
}
