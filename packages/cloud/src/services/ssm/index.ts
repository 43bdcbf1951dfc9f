// AWS Systems Manager Parameter Store.
//
// Answers: String, StringList and SecureString parameters (under KMS as their caller), versions, labels, history, paths,
// filters, both tiers, tags, policies on the cloud's clock, events for EventBridge, secrets read as /aws/reference/secretsmanager/….
// Gaps: everything of Systems Manager that is no parameter (501); data types other than text,
// sharing with other accounts (a precise refusal).
// By design: AWS's public parameters (/aws/service/…) are not here.
import type { Kernel, Service } from '../../kernel/service.ts';
import { ssmDataSources } from './data-sources.ts';
import { ssmOperations } from './operations.ts';
import { parameterResource } from './parameter-resource.ts';
import { createParameterStore, factsOf, refer } from './service.ts';

export function ssm(kernel: Kernel): Service {
  const store = createParameterStore(kernel);
  return {
    name: 'ssm',
    client: 'ssm',
    operations: ssmOperations(store),
    resources: [parameterResource],
    dataSources: ssmDataSources,
    describeResource: (arn, _action, call) => {
      if (!arn.startsWith('arn:aws:ssm:')) return undefined;
      const parameter = store.parameters.find(call, refer(store, call, arn).name);
      return parameter && factsOf(parameter);
    },
    start: () => store.expirations.start(),
    stop: () => store.expirations.stop(),
  };
}
