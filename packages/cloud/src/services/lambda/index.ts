// AWS Lambda.
import type { Kernel, Service } from '../../kernel/service.ts';
import { factsOf } from './access.ts';
import { lambdaOperations } from './operations.ts';
import { createLambda, sweepCode } from './service.ts';

/** CreateFunction takes a zip of 50 MB in base64. */
const LARGEST_BODY = 70_167_211;

export function lambda(kernel: Kernel): Service {
  const parts = createLambda(kernel);
  const { functions, invoker, events, codes } = parts;
  return {
    name: 'lambda',
    client: 'lambda',
    operations: lambdaOperations(parts),
    largestBody: LARGEST_BODY,
    resources: [],
    describeResource: (arn) => factsOf(functions, arn),
    start: () => {
      sweepCode(parts);
      events.start();
    },
    stop: async () => {
      await invoker.close();
      await events.stop();
      codes.close();
    },
  };
}
