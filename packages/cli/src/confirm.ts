// Asking before something that cannot be taken back; without a terminal, saying how to answer beforehand.
import type { Context } from './context.ts';
import { declined, needsConfirmation, UserError } from './errors.ts';
import type { Target } from './target.ts';

/** Goes on only where the user says yes, or said so with an option. */
export async function confirm(
  question: { readonly what: string; readonly answer: string; readonly fix: string },
  given: boolean,
  context: Context,
): Promise<void> {
  if (given) return;
  if (!context.ask) throw needsConfirmation(question.what, question.fix);
  const answer = await context.ask(`${question.what}. Type '${question.answer}' to go on: `);
  if (answer.trim() !== question.answer) throw declined(question.what);
}

/** AWS costs money and is not a laptop: the account and region have to be named by whoever means them. */
export async function confirmAws(target: Target, given: string | boolean | undefined, context: Context): Promise<void> {
  if (target.kind !== 'aws') return;
  const meant = `${target.account}/${target.variables['AWS_REGION']}`;
  if (given !== undefined && given !== meant) {
    throw new UserError(
      'other-account',
      `These credentials are for ${meant}, not ${String(given)}: nothing was changed.`,
      'Choose the credentials and region that you mean, or confirm these.',
    );
  }
  await confirm(
    {
      what: `This changes AWS account ${target.account} in ${target.variables['AWS_REGION']}`,
      answer: meant,
      fix: `Say which account and region you mean: --confirm ${meant}`,
    },
    given === meant,
    context,
  );
}

/** The option by which a script confirms an AWS account and region. */
export const CONFIRM_OPTION = {
  confirm: {
    type: 'string',
    value: 'ACCOUNT/REGION',
    summary: 'for --target aws: the account and region that you mean',
  },
} as const;
