// plinth iam why: whether somebody may do something, and which statement of which policy says so.
import type { WhyAnswer } from '@plinth/cloud';

import { callCloud, requireCloud } from '../../cloud-process.ts';
import { command } from '../../command.ts';
import { badAction, badContext, badResource, unknownPrincipal } from '../../errors.ts';

type Explanation = Exclude<WhyAnswer, { unknownPrincipal: string }>;

export const why = command<Explanation>({
  summary:
    'Explain why somebody may or may not do something: every policy and statement that was asked. Exits with 2 for no.',
  args: '<principal> <action> <resource>',
  arity: [3, 3],
  options: {
    context: {
      type: 'string',
      value: 'KEY=VALUE',
      summary: 'a condition key of the request; again for more keys or values',
      multiple: true,
    },
  },
  examples: [
    ['plinth iam why role/builder s3:GetObject arn:aws:s3:::reports/may.csv', 'may the role read this object?'],
    [
      'plinth iam why user/ann dynamodb:GetItem arn:aws:dynamodb:us-east-1:000000000000:table/orders --context dynamodb:LeadingKeys=ann',
      'with what the request says of itself',
    ],
    [
      'plinth iam why codebuild.amazonaws.com sts:AssumeRole arn:aws:iam::000000000000:role/builder --json',
      'does the role trust the service? As data',
    ],
  ],
  run: async ({ args, lists = {} }, context) => {
    const [principal = '', action = '', resource = ''] = args;
    if (!/^[\w-]+:\w+$/.test(action)) throw badAction(action);
    if (resource !== '*' && !/^arn:([^:]*:){4}./.test(resource)) throw badResource(resource);
    const question = { principal, action, resource, context: contextOf(lists['context'] ?? []) };
    const answer = await callCloud<WhyAnswer>(await requireCloud(context), 'POST', 'why', question);
    if ('unknownPrincipal' in answer) throw unknownPrincipal(principal, answer.users, answer.roles);
    return answer;
  },
  render: ({ decision, reason, policies, ...question }) =>
    [
      `${decision === 'allowed' ? 'ALLOWED' : 'DENIED'}  ${question.principal}  ${question.action}  ${question.resource}`,
      reason,
      ...(policies.length > 0 ? [] : ['', 'No policy applies to this principal and this resource.']),
      ...policies.flatMap(({ kind, policy, verdict, statements }) => [
        '',
        `${kind} ${policy} ${verdict}`,
        ...statements.map(
          ({ statement, effect, applies, why: text }) => `  ${applies ? '✓' : '·'} ${effect} (${statement}): ${text}`,
        ),
      ]),
    ].join('\n'),
  exitCode: ({ decision }) => (decision === 'allowed' ? 0 : 2),
});

// A key that is given several times has several values.
function contextOf(entries: readonly string[]): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = {};
  for (const entry of entries) {
    const at = entry.indexOf('=');
    if (at <= 0) throw badContext(entry);
    const [key, value] = [entry.slice(0, at), entry.slice(at + 1)];
    const known = context[key];
    context[key] = known === undefined ? value : [known, value].flat();
  }
  return context;
}
