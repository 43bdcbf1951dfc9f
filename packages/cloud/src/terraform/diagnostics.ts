// What Terraform prints when something is wrong: the failed step in the real provider's words, and what to do about it.
import { AwsError } from '../kernel/errors.ts';
import { UserError } from './errors.ts';
import { typeInWords } from './type-names.ts';

/** A step into a value, as Terraform's protocol writes it. */
export type Step = { readonly attribute_name: string } | { readonly element_key_int: number };

export interface Diagnostic {
  /** 1 an error, 2 a warning. */
  readonly severity: 1 | 2;
  readonly summary: string;
  readonly detail?: string;
  readonly attribute?: { readonly steps: readonly Step[] };
}

/** Which part of a resource's life failed. */
export type Phase = 'creating' | 'reading' | 'updating' | 'deleting' | 'importing' | 'planning';

export const problem = (summary: string, detail = '', path?: string): Diagnostic => ({
  severity: 1,
  summary,
  detail,
  ...(path ? { attribute: { steps: steps(path.split('.')) } } : {}),
});

/** Names and indexes as the protocol writes them; a text of digits counts as an index. */
export const steps = (path: readonly (string | number)[]): Step[] =>
  path.map((step) =>
    typeof step === 'number' || /^\d+$/.test(step) ? { element_key_int: Number(step) } : { attribute_name: step },
  );

/** A type that this provider does not serve, with those that it does. */
export function unsupported(kind: 'resource' | 'data source', type: string, supported: readonly string[]): Diagnostic {
  return problem(
    `The local cloud has no ${kind} type ${type}`,
    `It has: ${supported.toSorted().join(', ')}.\nApply to AWS itself for the others: plinth apply --target aws.`,
  );
}

/** The error of an operation, remembered with the action that answered it. */
const actions = new WeakMap<AwsError, string>();

export function rememberAction(error: unknown, action: string): void {
  if (error instanceof AwsError && !actions.has(error)) actions.set(error, action);
}

export interface Failure {
  readonly phase: Phase;
  readonly type: string;
  /** What names the thing: its id, or its name where it has none yet. */
  readonly name: string | undefined;
}

/** A failed step of a resource's life. Errors that are not AWS's are defects of the cloud, and say so. */
export function failure({ phase, type, name }: Failure, error: unknown): Diagnostic {
  const subject = `${phase} ${typeInWords(type)}${name ? ` (${name})` : ''}`;
  if (error instanceof UserError) return problem(`${subject}: ${error.message}`, `${type}: ${error.fix}`);
  if (!(error instanceof AwsError)) {
    const message = error instanceof Error ? error.message : String(error);
    return problem(
      `${subject}: ${message}`,
      `${type} failed in the local cloud itself, not in your configuration. \`plinth cloud logs\` has the details.`,
    );
  }
  const action = actions.get(error);
  const answer = `${type}: ${action ? `${action} answered` : 'AWS answers'} ${error.code} (HTTP ${error.status}).`;
  const fix = fixes.find(({ codes }) => codes.test(error.code))?.fix({ phase, type, name });
  return problem(`${subject}: ${error.code}: ${error.message}`, fix ? `${answer}\n${fix}` : answer);
}

const fixes: readonly { readonly codes: RegExp; readonly fix: (failure: Failure) => string }[] = [
  {
    codes: /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/,
    fix: () => 'Allow the action in a policy of the caller, as in AWS: IAM decides here as it does there.',
  },
  {
    codes: /(AlreadyExists|AlreadyOwnedByYou|ResourceInUse|ConflictException)/,
    fix: ({ type, name }) =>
      `Choose another name, or take what exists into the state: terraform import ${type}.<name> ${name ?? '<id>'}`,
  },
  {
    codes: /^BucketNotEmpty$/,
    fix: () => 'Empty the bucket, or set force_destroy = true and apply that before you destroy it.',
  },
  {
    codes: /^(DeleteConflict|DeleteConflictException|DependencyViolation)$/,
    fix: () => 'Remove what still uses it first.',
  },
  {
    codes: /^NotImplemented$/,
    fix: () => 'The local cloud does not do this. Apply to AWS itself for it: plinth apply --target aws.',
  },
  {
    codes: /(Malformed|Invalid|Validation)/,
    fix: () => 'Correct the value in the configuration: AWS would refuse it as well.',
  },
  {
    codes: /(Throttl|LimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded)/,
    fix: () => 'Apply again once the limit is not exceeded any more.',
  },
];
