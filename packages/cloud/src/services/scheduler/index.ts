// Amazon EventBridge Scheduler.
//
// Answers: schedules (rate, cron and at, in any time zone, with a beginning and an end), groups, targets told as their role
// (Lambda, SQS, SNS, CodeBuild, event buses), universal targets (`aws-sdk:…`: any operation of the cloud's services that does
// more than read), retries, dead letters.
// Gaps: ECS, Kinesis and SageMaker, universal targets of services that the cloud lacks, keys of one's own (a precise refusal).
// By design: a flexible time window is used at its beginning; a cloud that did not run at a schedule's moment does not make up
// for it.
// Client quirks: none.
import type { Kernel, Service } from '../../kernel/service.ts';
import { factsOf } from './access.ts';
import { Invocations } from './invocations.ts';
import { schedulerOperations } from './operations.ts';
import { schedulerResources } from './resources.ts';
import { Schedules } from './schedules.ts';
import { Timetable } from './timetable.ts';

/** Of a schedule: targets that the cloud does not tell, and keys of one's own. */
const UNSUPPORTED = [
  'KmsKeyArn',
  'Target.EcsParameters',
  'Target.EventBridgePutEventsV2Parameters',
  'Target.EventBridgePutRawEventsParameters',
  'Target.KinesisParameters',
  'Target.SageMakerPipelineParameters',
];

export function scheduler(kernel: Kernel): Service {
  const schedules = new Schedules(kernel.store);
  const invocations = new Invocations(kernel);
  const timetable = new Timetable(kernel, schedules, invocations);
  return {
    name: 'scheduler',
    client: 'scheduler',
    operations: schedulerOperations(kernel, schedules, timetable),
    unsupported: { CreateSchedule: UNSUPPORTED, UpdateSchedule: UNSUPPORTED },
    resources: schedulerResources,
    describeResource: (arn, _action, call) => factsOf(schedules, arn, call),
    start: () => {
      timetable.start();
      invocations.resume();
    },
    stop: () => {
      timetable.stop();
      return invocations.stop();
    },
  };
}
