// plinth inbox: the mails that the cloud's SNS would have sent, and the subscriptions that they ask to confirm.
import type { InboxLine } from '@plinth/cloud';

import { requireCloud, streamCloud } from '../cloud-process.ts';
import { command } from '../command.ts';
import { confirmationFailed, nothingToConfirm, unknownMail } from '../errors.ts';

/** One mail in full, or a list of them. */
type InboxAnswer = InboxLine | readonly InboxLine[];

/** How much of a mail a list shows. */
const LINES_SHOWN = 2;

export const inbox = command<InboxAnswer>({
  summary: 'Show the mails of SNS, the newest last: nothing leaves the machine, so they lie here.',
  args: '[number]',
  arity: [0, 1],
  options: {
    confirm: { type: 'string', value: 'ADDRESS|all', summary: 'say yes to the subscriptions that wait for an address' },
    follow: { type: 'boolean', short: 'f', summary: 'go on until Ctrl-C' },
  },
  examples: [
    ['plinth inbox', 'every mail: when, to whom, about what, and how it begins'],
    ['plinth inbox 3', 'the third one in full'],
    ['plinth inbox --follow', 'and those to come'],
    ['plinth inbox --confirm ops@example.com', 'confirm what ops@example.com was subscribed to'],
    ['plinth inbox --confirm all', 'confirm every subscription that waits'],
  ],
  run: async ({ args: [number], options }, context) => {
    const record = await requireCloud(context);
    const follow = options['follow'] === true;
    const mails: InboxLine[] = [];
    for await (const line of streamCloud(record, `inbox?follow=${follow}`, context.signal)) {
      const mail = JSON.parse(line) as InboxLine;
      if (follow) process.stdout.write(`${options['json'] === true ? line : summaryOf(mail)}\n`);
      else mails.push(mail);
    }
    const address = options['confirm'];
    if (typeof address === 'string') return confirm(mails, address, record.endpoint);
    if (number === undefined) return mails;
    const mail = mails.find((one) => String(one.number) === number);
    if (!mail) throw unknownMail(number, mails.at(-1)?.number);
    return mail;
  },
  render: (answer) =>
    'body' in answer ? wholeOf(answer) : answer.length === 0 ? '' : answer.map(summaryOf).join('\n\n'),
});

/** Opens the links of the mails that wait for the address, and answers those mails. */
async function confirm(mails: readonly InboxLine[], address: string, endpoint: string): Promise<InboxLine[]> {
  const waiting = mails.filter(({ pending, to }) => pending && (address === 'all' || to === address));
  if (waiting.length === 0)
    throw nothingToConfirm(address, new Set(mails.flatMap(({ pending, to }) => (pending ? to : []))));
  for (const { confirmUrl = '', to } of waiting) {
    // The cloud may listen elsewhere than when the mail was written.
    const answer = await fetch(`${endpoint}/${new URL(confirmUrl).search}`);
    if (!answer.ok) throw confirmationFailed(to, await answer.text());
  }
  return waiting.map((mail) => ({ ...mail, pending: false }));
}

function summaryOf(mail: InboxLine): string {
  const { number, at, to, subject, body } = mail;
  const beginning = body.split('\n').filter((line) => line.trim() !== '');
  return [
    `${String(number).padStart(3)}  ${at}  ${to}  ${subject}${stateOf(mail)}`,
    ...beginning.slice(0, LINES_SHOWN).map((line) => `     ${line}`),
  ].join('\n');
}

const stateOf = ({ confirmUrl, pending }: InboxLine): string =>
  confirmUrl === undefined ? '' : pending ? '  (waits)' : '  (waits no more)';

const wholeOf = ({ at, from, to, subject, body }: InboxLine): string =>
  `Date: ${at}\nFrom: ${from}\nTo: ${to}\nSubject: ${subject}\n\n${body.trimEnd()}`;
