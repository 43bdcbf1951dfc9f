// The Lambda API. https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
import { functionOperations } from './function-operations.ts';
import { invokeOperations } from './invoke-operation.ts';
import { invokeSettingsOperations } from './invoke-settings-operations.ts';
import { mappingOperations } from './mapping-operations.ts';
import { policyOperations } from './policy-operations.ts';
import type { Lambda } from './service.ts';
import { tagOperations } from './tag-operations.ts';
import { urlOperations } from './url-operations.ts';
import { versionOperations } from './version-operations.ts';

export type LambdaOperations = ReturnType<typeof lambdaOperations>;

export const lambdaOperations = (lambda: Lambda) => ({
  ...functionOperations(lambda),
  ...versionOperations(lambda),
  ...policyOperations(lambda),
  ...tagOperations(lambda),
  ...mappingOperations(lambda),
  ...invokeSettingsOperations(lambda),
  ...urlOperations(lambda),
  ...invokeOperations(lambda),
});
