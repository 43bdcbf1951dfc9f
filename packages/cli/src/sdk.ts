// How an AWS SDK client reaches a target.
import type { Target } from './target.ts';

/** Configuration for any client; for AWS itself credentials come as the user's own configuration says. */
export function sdkConfiguration({ endpoint, variables }: Target) {
  const region = variables['AWS_REGION'] ?? 'us-east-1';
  if (endpoint === undefined) return { region };
  return {
    region,
    endpoint,
    forcePathStyle: true,
    credentials: {
      accessKeyId: variables['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  };
}
