// Answers of AWS about things that may be gone.
import { AwsError } from '../kernel/errors.ts';

/** The answer, or null where it is one of these errors. */
export async function orNull<T>(answer: Promise<T>, ...codes: readonly string[]): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AwsError && codes.includes(error.code)) return null;
    throw error;
  }
}
