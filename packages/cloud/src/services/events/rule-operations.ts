// Rules made, described, switched and deleted.
import type {
  DeleteRuleCommandInput,
  DescribeRuleCommandInput,
  ListRuleNamesByTargetCommandInput,
  ListRulesCommandInput,
  PutRuleCommandInput,
  Rule as RuleShape,
  RuleState,
} from '@aws-sdk/client-eventbridge';

import { requireOneOf } from '../../kernel/constraint.ts';
import { requestTags, taggingAccess } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { passRole, patternContext } from './access.ts';
import { ruleArn } from './arns.ts';
import { DEFAULT_BUS } from './buses.ts';
import { validation } from './errors.ts';
import type { EventBridge } from './operations.ts';
import { byName, page } from './page.ts';
import { compilePattern, type Rule } from './rules.ts';
import { fromTags } from './tags.ts';
import { checkSchedule } from './timetable.ts';

const STATES: readonly RuleState[] = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'];

interface RuleInput {
  readonly Name?: string | undefined;
  readonly EventBusName?: string | undefined;
}

export function ruleOperations({ guard, buses, rules, timetable }: EventBridge) {
  const onRule =
    (action: string) =>
    ({ Name: name, EventBusName: bus }: RuleInput, call: Call): Access[] => [guard.rule(action, { bus, name }, call)];
  const require = ({ Name = '', EventBusName }: RuleInput, { region }: Call): Rule =>
    rules.require(region, buses.require(region, EventBusName).name, Name);
  const turn = (state: RuleState) => (input: RuleInput, call: Call) => {
    const rule = { ...require(input, call), state };
    rules.save(rule);
    timetable.arm(rule);
    return {};
  };

  return {
    PutRule: {
      access: (input: PutRuleCommandInput, call: Call): Access[] => {
        const tags = fromTags(input.Tags);
        const named = { bus: input.EventBusName, name: input.Name };
        const context = { ...requestTags(tags), ...patternContext(input.EventPattern) };
        const access = guard.rule('PutRule', named, call, context);
        return [access, ...taggingAccess('events:TagResource', access.resource, tags), ...passRole(input.RoleArn)];
      },
      run: (input: PutRuleCommandInput, call: Call) => {
        const bus = buses.require(call.region, input.EventBusName).name;
        check(input, bus);
        const { Name: name = '', EventPattern: pattern, ScheduleExpression: schedule } = input;
        const before = rules.find(call.region, bus, name);
        const rule: Rule = {
          region: call.region,
          bus,
          name,
          arn: ruleArn(call, bus, name),
          description: input.Description,
          pattern: pattern || undefined,
          schedule: schedule || undefined,
          state: input.State ?? 'ENABLED',
          roleArn: input.RoleArn,
          // As in AWS, tags of a rule that is there already are not touched.
          tags: before?.tags ?? fromTags(input.Tags),
          createdAt: before?.schedule === schedule ? (before?.createdAt ?? call.now) : call.now,
          targets: before?.targets ?? [],
        };
        rules.save(rule);
        timetable.arm(rule);
        return { RuleArn: rule.arn };
      },
    },
    DescribeRule: {
      access: onRule('DescribeRule'),
      run: (input: DescribeRuleCommandInput, call: Call) => ({
        ...shape(require(input, call)),
        CreatedBy: call.account,
      }),
    },
    DeleteRule: {
      access: onRule('DeleteRule'),
      run: (input: DeleteRuleCommandInput, call: Call) => {
        const bus = buses.require(call.region, input.EventBusName).name;
        const rule = rules.find(call.region, bus, input.Name ?? '');
        if (!rule) return {};
        if (rule.targets.length > 0) throw validation("Rule can't be deleted since it has targets.");
        rules.delete(rule);
        timetable.arm(rule);
        return {};
      },
    },
    EnableRule: { access: onRule('EnableRule'), run: turn('ENABLED') },
    DisableRule: { access: onRule('DisableRule'), run: turn('DISABLED') },
    ListRules: {
      access: (input: ListRulesCommandInput, call: Call): Access[] => [
        guard.rule('ListRules', { bus: input.EventBusName, name: '*' }, call),
      ],
      run: (input: ListRulesCommandInput, { region }: Call) => {
        const bus = buses.require(region, input.EventBusName).name;
        const found = rules.list(region, bus).filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
        const { items, rest } = page(found, byName, input);
        return { Rules: items.map(shape), ...rest };
      },
    },
    ListRuleNamesByTarget: {
      access: (): Access[] => [{ action: 'events:ListRuleNamesByTarget', resource: '*' }],
      run: (input: ListRuleNamesByTargetCommandInput, { region }: Call) => {
        const bus = buses.require(region, input.EventBusName).name;
        const found = rules
          .list(region, bus)
          .filter(({ targets }) => targets.some(({ Arn }) => Arn === input.TargetArn));
        const { items, rest } = page(found, byName, input);
        return { RuleNames: items.map(({ name }) => name), ...rest };
      },
    },
  };
}

function check(
  { Name = '', EventPattern: pattern, ScheduleExpression: schedule, State: state }: PutRuleCommandInput,
  bus: string,
): void {
  if (!/^[\w.-]{1,64}$/.test(Name)) throw validation(`Parameter Name is not valid: ${Name}`);
  if (!pattern && !schedule) throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  requireOneOf(state, 'state', STATES, validation);
  if (pattern) compilePattern(pattern);
  if (!schedule) return;
  if (bus !== DEFAULT_BUS) throw validation('ScheduleExpression is supported only on the default event bus.');
  checkSchedule(schedule);
}

const shape = (rule: Rule): RuleShape => ({
  Name: rule.name,
  Arn: rule.arn,
  EventBusName: rule.bus,
  State: rule.state,
  ...(rule.description && { Description: rule.description }),
  ...(rule.pattern !== undefined && { EventPattern: rule.pattern }),
  ...(rule.schedule !== undefined && { ScheduleExpression: rule.schedule }),
  ...(rule.roleArn !== undefined && { RoleArn: rule.roleArn }),
});
