// Moments as hashicorp/aws writes them into a state.

/** RFC 3339 to the second, in UTC. */
export const rfc3339 = (date: Date | undefined): string | undefined => date?.toISOString().replace(/\.\d+Z$/, 'Z');
