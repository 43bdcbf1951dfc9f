// A rule's targets.
import type {
  ListTargetsByRuleCommandInput,
  PutTargetsCommandInput,
  RemoveTargetsCommandInput,
} from '@aws-sdk/client-eventbridge';

import { requireLength } from '../../kernel/constraint.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { passRole } from './access.ts';
import { limitExceeded, validation } from './errors.ts';
import type { EventBridge } from './operations.ts';
import { page } from './page.ts';
import type { Rule } from './rules.ts';
import { checkInput } from './target-input.ts';
import { checkTarget } from './targets.ts';

/** Of a rule, and of a request. */
const MOST_TARGETS = 5;
const MOST_GIVEN = 100;

interface RuleInput {
  readonly Rule: string | undefined;
  readonly EventBusName?: string | undefined;
}

export function targetOperations({ guard, buses, rules }: EventBridge) {
  const onRule =
    (action: string) =>
    ({ Rule: name, EventBusName: bus }: RuleInput, call: Call): Access[] => [guard.rule(action, { bus, name }, call)];
  const require = ({ Rule: name = '', EventBusName }: RuleInput, { region }: Call): Rule =>
    rules.require(region, buses.require(region, EventBusName).name, name);

  return {
    PutTargets: {
      access: ({ Rule: name, EventBusName: bus, Targets = [] }: PutTargetsCommandInput, call: Call): Access[] => [
        guard.rule('PutTargets', { bus, name }, call, { 'events:TargetArn': Targets.map(({ Arn = '' }) => Arn) }),
        ...Targets.flatMap(({ RoleArn }) => passRole(RoleArn)),
      ],
      run: (input: PutTargetsCommandInput, call: Call) => {
        const rule = require(input, call);
        const given = input.Targets ?? [];
        const shown = given.length === 0 ? '[]' : '[Target]';
        requireLength(given, 'targets', [1, MOST_GIVEN], { shown, invalid: validation });
        for (const [index, target] of given.entries()) {
          checkTarget(target, `targets.${index + 1}.member`);
          checkInput(target);
        }
        const replaced = new Set(given.map(({ Id }) => Id));
        const targets = [...rule.targets.filter(({ Id }) => !replaced.has(Id)), ...(given as Rule['targets'])];
        if (targets.length > MOST_TARGETS) {
          throw limitExceeded('The requested resource exceeds the maximum number allowed.');
        }
        rules.save({ ...rule, targets });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    RemoveTargets: {
      access: onRule('RemoveTargets'),
      run: (input: RemoveTargetsCommandInput, call: Call) => {
        const rule = require(input, call);
        const ids = input.Ids ?? [];
        rules.save({ ...rule, targets: rule.targets.filter(({ Id }) => !ids.includes(Id)) });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    ListTargetsByRule: {
      access: onRule('ListTargetsByRule'),
      run: (input: ListTargetsByRuleCommandInput, call: Call) => {
        const { items, rest } = page(require(input, call).targets, ({ Id }) => Id, input);
        return { Targets: [...items], ...rest };
      },
    },
  };
}
