// Every day: freezes the weeks that have closed since.
// IAM: see freezing-table.ts.
import { freezingTable } from '../aws/freezing-table.ts';
import type { InvocationContext } from '../aws/http.ts';
import { logger, measure, observed } from '../aws/telemetry.ts';
import { freeze } from '../domain/freezing.ts';

export const handler = (_: unknown, { awsRequestId }: InvocationContext) =>
  observed(awsRequestId, async () => {
    const published = await freeze(freezingTable, Date.now());
    logger.info('The closed weeks are frozen', { published });
    measure('cellsPublished', published);
    return { published };
  });
