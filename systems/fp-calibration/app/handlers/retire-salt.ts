// Twice a day: takes the previous salt away when its day is over, and says how old the current one is.
// IAM: see secret-versions.ts.
import type { InvocationContext } from '../aws/http.ts';
import { secretVersions } from '../aws/secret-versions.ts';
import { setting } from '../aws/settings.ts';
import { logger, measure, observed } from '../aws/telemetry.ts';
import { retire } from '../domain/rotation.ts';

export const handler = (_: unknown, { awsRequestId }: InvocationContext) =>
  observed(awsRequestId, async () => {
    const { ageHours, retired } = await retire(secretVersions, setting('saltSecret'), Date.now());
    if (ageHours !== undefined) measure('saltAge', ageHours, 'None');
    if (retired) {
      logger.info('The previous salt is gone');
      measure('saltRetired', 1);
    }
    return { ageHours, retired };
  });
