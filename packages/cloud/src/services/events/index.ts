// Amazon EventBridge.
//
// Answers: the default bus and others, rules with event patterns and schedules, targets with inputs and templates (Lambda, SQS,
// SNS, CloudWatch Logs, CodeBuild, other buses and regions), retries, dead letters, what other services send by themselves,
// archives and replays.
// Gaps: API destinations, connections, endpoints, partner sources, pipes, other targets, keys and logs of buses (501 or a
// precise refusal).
// By design: an event reaches its targets at once, not within half a second; a cloud that did not run at a schedule's moment
// does not make up for it, as EventBridge does not; a bus's own dead-letter queue is kept and shown: it is for events that a key
// of one's own keeps from being read.
// Client quirks: none.
import type { Kernel, Service } from '../../kernel/service.ts';
import { Guard } from './access.ts';
import { Archives } from './archives.ts';
import { Buses } from './buses.ts';
import { EventRouter } from './event-router.ts';
import { eventBridgeOperations } from './operations.ts';
import { Replays } from './replays.ts';
import { eventBridgeResources } from './resources.ts';
import { Rules } from './rules.ts';
import { Timetable } from './timetable.ts';

const UNSUPPORTED: NonNullable<Service['unsupported']> = {
  PutEvents: ['EndpointId'],
  CreateEventBus: ['KmsKeyIdentifier', 'EventSourceName', 'LogConfig'],
  UpdateEventBus: ['KmsKeyIdentifier', 'LogConfig'],
  CreateArchive: ['KmsKeyIdentifier'],
  UpdateArchive: ['KmsKeyIdentifier'],
  // Of targets that the cloud does not tell.
  PutTargets: [
    'AppSyncParameters',
    'BatchParameters',
    'EcsParameters',
    'HttpParameters',
    'KinesisParameters',
    'RedshiftDataParameters',
    'RunCommandParameters',
    'SageMakerPipelineParameters',
  ].map((member) => `Targets.${member}`),
};

export function events(kernel: Kernel): Service {
  const buses = new Buses(kernel.store);
  const rules = new Rules(kernel.store);
  const guard = new Guard(buses, rules);
  const archives = new Archives(kernel.store, kernel.clock);
  const router = new EventRouter(kernel, buses, rules, archives);
  const replays = new Replays(kernel, archives, router);
  const timetable = new Timetable(kernel.clock, rules, (rule, moment) => router.fire(rule, moment));
  kernel.events.subscribe((event) => router.acceptOwn(event));
  return {
    name: 'events',
    client: 'eventbridge',
    operations: eventBridgeOperations({ kernel, guard, buses, rules, router, timetable, archives, replays }),
    unsupported: UNSUPPORTED,
    resources: eventBridgeResources,
    describeResource: (arn, _action, call) => guard.describe(arn, call),
    start: () => {
      timetable.start();
      archives.start();
      router.deliveries.resume();
      replays.resume();
    },
    stop: () => {
      timetable.stop();
      archives.stop();
      replays.stop();
      return router.deliveries.stop();
    },
  };
}
