// The EventBridge API. https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html
import type { Kernel } from '../../kernel/service.ts';
import type { Guard } from './access.ts';
import { archiveOperations } from './archive-operations.ts';
import type { Archives } from './archives.ts';
import { busOperations } from './bus-operations.ts';
import type { Buses } from './buses.ts';
import { eventOperations } from './event-operations.ts';
import type { EventRouter } from './event-router.ts';
import type { Replays } from './replays.ts';
import { ruleOperations } from './rule-operations.ts';
import type { Rules } from './rules.ts';
import { tagOperations } from './tag-operations.ts';
import { targetOperations } from './target-operations.ts';
import type { Timetable } from './timetable.ts';

export interface EventBridge {
  readonly kernel: Kernel;
  readonly guard: Guard;
  readonly buses: Buses;
  readonly rules: Rules;
  readonly router: EventRouter;
  readonly timetable: Timetable;
  readonly archives: Archives;
  readonly replays: Replays;
}

export type EventBridgeOperations = ReturnType<typeof eventBridgeOperations>;

export const eventBridgeOperations = (bridge: EventBridge) => ({
  ...eventOperations(bridge),
  ...busOperations(bridge),
  ...ruleOperations(bridge),
  ...targetOperations(bridge),
  ...tagOperations(bridge),
  ...archiveOperations(bridge),
});
