// Sessions of functions' roles, each used until shortly before its end.
import { AwsError } from '../../kernel/errors.ts';
import type { Kernel, SessionCredentials } from '../../kernel/service.ts';
import type { LambdaFunction } from './functions.ts';

/** A session is replaced this long before its end, in milliseconds: longer than the longest invocation. */
const MARGIN_MILLISECONDS = 60 * 60_000;

export class RoleSessions {
  readonly #kernel: Pick<Kernel, 'sessions' | 'clock'>;
  readonly #sessions = new Map<string, SessionCredentials>();

  constructor(kernel: Pick<Kernel, 'sessions' | 'clock'>) {
    this.#kernel = kernel;
  }

  /** A session of the role, as Lambda opens it for the function. */
  of({ arn, name }: Pick<LambdaFunction, 'arn' | 'name'>, role: string): SessionCredentials {
    const key = `${arn}|${role}`;
    const known = this.#sessions.get(key);
    if (known && known.expiresAt - MARGIN_MILLISECONDS > this.#kernel.clock.now()) return known;
    const session = this.open({ arn, name }, role);
    this.#sessions.set(key, session);
    return session;
  }

  /** A new session; throws where the role's trust policy does not let Lambda in. */
  open({ arn, name }: Pick<LambdaFunction, 'arn' | 'name'>, role: string): SessionCredentials {
    try {
      return this.#kernel.sessions.assumeForService('lambda.amazonaws.com', role, name, arn);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError(
        'InvalidParameterValueException',
        'The role defined for the function cannot be assumed by Lambda.',
      );
    }
  }

  /** The role may have been deleted and made anew. */
  forget(role: string): void {
    for (const key of this.#sessions.keys()) if (key.endsWith(`|${role}`)) this.#sessions.delete(key);
  }
}
