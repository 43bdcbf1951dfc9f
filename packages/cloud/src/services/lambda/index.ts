// AWS Lambda.
//
// Answers: functions in Node.js 22 and 24 with versions, weighted aliases, environments under KMS keys, reserved
// concurrency, resource policies, tags and function URLs; synchronous and asynchronous invocations with retries, dead
// letters and destinations; event source mappings of SQS queues and DynamoDB streams, as the function's role, with
// destinations for records that are given up and counts for CloudWatch; lines in CloudWatch Logs in both formats,
// measurements for CloudWatch.
// Gaps: event source mappings of Kinesis, Kafka, MQ and DocumentDB, tumbling windows of streams, other runtimes, layers,
// container images, file systems, SnapStart, provisioned concurrency, response streaming, code signing, durable and
// multi-tenant functions (refused by name, or 501).
// By design: a function runs in a process of its own on this machine, with what its memory size allows and nothing of the
// machine's environment; it can do what you can do. VpcConfig, EphemeralStorage and TracingConfig are kept and have no
// effect. A queue's event source mapping has five batches at a time unless it says otherwise, and takes to its settings at
// once. `Date` follows the cloud's clock, set anew at each event; timers and timeouts are real time. What a function left
// running goes on between its events. At most eight copies of a version, or three for each processor where that is more, run
// at a time; further events wait. Loading the code has ten seconds of its own; what it takes longer is taken from the
// function's timeout.
// Client quirks: hosts below `localhost` are not resolved everywhere, so `/_lambda-url/<id>` serves function URLs as well.
import type { Kernel, Service } from '../../kernel/service.ts';
import { factsOf } from './access.ts';
import { lambdaOperations } from './operations.ts';
import { lambdaResources } from './resources.ts';
import { createLambda, sweepCode } from './service.ts';
import { UNSUPPORTED } from './unsupported.ts';

/** CreateFunction takes a zip of 50 MB in base64. */
const LARGEST_BODY = 70_167_211;

export function lambda(kernel: Kernel): Service {
  const parts = createLambda(kernel);
  const { functions, invoker, events, pollers, codes, codeEndpoint, urlEndpoint } = parts;
  return {
    name: 'lambda',
    client: 'lambda',
    operations: lambdaOperations(parts),
    largestBody: LARGEST_BODY,
    unsupported: UNSUPPORTED,
    resources: lambdaResources,
    describeResource: (arn) => factsOf(functions, arn),
    serve: (request, source) => codeEndpoint.answer(request) ?? urlEndpoint.answer(request, source),
    start: () => {
      sweepCode(parts);
      events.start();
      pollers.start();
    },
    stop: async () => {
      // First it is known that the cloud stops: events whose functions end with it are no failures.
      const handled = Promise.all([events.stop(), pollers.stop()]);
      await invoker.close();
      await handled;
      codes.close();
    },
  };
}
