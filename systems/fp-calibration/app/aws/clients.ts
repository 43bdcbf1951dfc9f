// The SDK's clients, made when they are first needed and kept while the function is warm.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What answers so late is as good as down; a caller shall hear of it before the function's own time is over. */
export const PATIENCE = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_500 },
} as const;

let client: DynamoDBClient | undefined;

export const dynamodb = (): DynamoDBClient => (client ??= new DynamoDBClient(PATIENCE));
