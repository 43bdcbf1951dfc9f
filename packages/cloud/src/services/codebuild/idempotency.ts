// Requests sent twice, as their tokens tell.
// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html

/** How long an idempotency token is remembered, in milliseconds. */
const TOKEN_MILLISECONDS = 5 * 60_000;

/** What the token's first request started. */
export const findRepeated = <T extends { readonly idempotencyToken?: string | undefined; readonly startedAt: number }>(
  started: readonly T[],
  token: string | undefined,
  now: number,
): T | undefined =>
  token === undefined
    ? undefined
    : started.find((each) => each.idempotencyToken === token && now - each.startedAt < TOKEN_MILLISECONDS);
