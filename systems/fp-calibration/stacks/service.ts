// The service in one root: its tables, its salt, its functions, how organizations reach them, and who is told when it is unwell.
import type { StackDefinition } from '@plinth/blocks';

import { ENVIRONMENTS } from '../contract.ts';
import { access } from './service/access.ts';
import { alerts } from './service/alerts.ts';
import { functions } from './service/functions.ts';
import { salt } from './service/salt.ts';
import { tables } from './service/tables.ts';

export const service: StackDefinition = {
  name: 'service',
  key: 'fp-calibration/terraform.tfstate',
  build: async (stack) => {
    const environment = ENVIRONMENTS.find((each) => each === stack.environment);
    if (environment === undefined) throw new Error(`there is no environment ${stack.environment}`);
    const made = tables(stack, environment);
    const served = await functions(stack, environment, { tables: made, ...salt(stack, environment) });
    access(stack, environment, served);
    alerts(stack, environment, { ...served, tables: made });

    const roles = {
      fp_ingestion: served.functions.ingest,
      calibration_query: served.functions.calibration,
      salt_rotator: served.functions['rotate-salt'],
    };
    for (const [name, { role }] of Object.entries(roles)) {
      stack.output(`${name}_role_arn`, role.resource.arn, `The role of the function ${role.name}`);
    }
    stack.output(
      'fp_ingestion_lambda_name',
      served.functions.ingest.resource.functionName,
      'The function that takes events',
    );
  },
};
