// What a function that reports failures says of a batch.

/**
 * The records, by their identifiers, that a function says it failed at; undefined where its answer means that all failed.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function failuresIn(payload: string, identifiers: readonly string[]): ReadonlySet<string> | undefined {
  const answer = parsed(payload);
  if (answer === null || answer === '') return new Set();
  if (typeof answer !== 'object') return undefined;
  const { batchItemFailures: failures } = answer as { batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return undefined;
  const known = new Set(identifiers);
  const failed = failures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  if (!failed.every((id): id is string => typeof id === 'string' && known.has(id))) return undefined;
  return new Set(failed);
}

/** A text as the JSON that it is, or as the text itself. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
