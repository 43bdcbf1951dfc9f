// Advanced event selectors: which records a trail delivers, by the fields of the records.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html
import type { AdvancedEventSelector, AdvancedFieldSelector } from '@aws-sdk/client-cloudtrail';

import { invalidSelectors } from './errors.ts';
import type { TrailRecord } from './record.ts';
import { dataResourcesOf, type DataResource } from './selectors.ts';

const MOST_SELECTORS = 500;

/** Of all fields of all selectors together. */
const MOST_VALUES = 500;

const LONGEST_NAME = 1_000;

/** What a trail's selector may look at, by its category. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Management: ['eventCategory', 'eventSource', 'readOnly'],
  Data: [
    'eventCategory',
    'eventName',
    'eventSource',
    'eventType',
    'readOnly',
    'resources.ARN',
    'resources.type',
    'sessionCredentialFromConsole',
    'userIdentity.arn',
  ],
};

const EQUALS_ONLY = ['eventCategory', 'readOnly', 'resources.type'];

/** Types of resources whose data events are recorded here. */
const DATA_TYPES = [
  'AWS::DynamoDB::Table',
  'AWS::Lambda::Function',
  'AWS::S3::Object',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
];

/** The sources that a trail may leave out of what it delivers about management. */
const EXCLUDABLE_SOURCES = ['kms.amazonaws.com', 'rdsdata.amazonaws.com'];

type Test = (value: string, wanted: string) => boolean;

const INCLUDING = {
  Equals: (value, wanted) => value === wanted,
  StartsWith: (value, wanted) => value.startsWith(wanted),
  EndsWith: (value, wanted) => value.endsWith(wanted),
} satisfies Readonly<Record<string, Test>>;

const EXCLUDING = {
  NotEquals: INCLUDING.Equals,
  NotStartsWith: INCLUDING.StartsWith,
  NotEndsWith: INCLUDING.EndsWith,
} satisfies Readonly<Record<string, Test>>;

/** The selectors as they are kept; throws InvalidEventSelectorsException for what CloudTrail would not take, or has not here. */
export function readAdvancedSelectors(selectors: readonly AdvancedEventSelector[]): AdvancedEventSelector[] {
  if (selectors.length > MOST_SELECTORS) throw invalidSelectors(`A trail takes ${MOST_SELECTORS} selectors at most.`);
  const fields = selectors.flatMap(({ FieldSelectors = [] }) => FieldSelectors);
  if (fields.flatMap((field) => conditionsOf(field)).length > MOST_VALUES) {
    throw invalidSelectors(`The advanced event selectors of a trail have ${MOST_VALUES} values at most.`);
  }
  for (const selector of selectors) requireSelector(selector);
  return [...selectors];
}

/** Whether one of the selectors asks for the record. */
export const wantsByFields = (selectors: readonly AdvancedEventSelector[], record: TrailRecord): boolean => {
  const resources = record.managementEvent ? [undefined] : dataResourcesOf(record);
  return selectors.some(({ FieldSelectors = [] }) =>
    resources.some((resource) => FieldSelectors.every((selector) => matches(selector, record, resource))),
  );
};

function requireSelector({ Name = '', FieldSelectors: selectors = [] }: AdvancedEventSelector): void {
  if (Name.length > LONGEST_NAME) throw invalidSelectors(`A selector's name has ${LONGEST_NAME} characters at most.`);
  const names = selectors.map(({ Field }) => Field!);
  if (new Set(names).size < names.length) throw invalidSelectors('A selector has each field once.');
  const only = (field: string): string | undefined => {
    const [value, ...more] = selectors.find(({ Field }) => Field === field)?.Equals ?? [];
    return more.length === 0 ? value : undefined;
  };
  const category = only('eventCategory') ?? '';
  const known = Object.hasOwn(FIELDS, category) ? FIELDS[category] : undefined;
  if (!known) {
    throw invalidSelectors(
      `Give eventCategory by Equals: ${Object.keys(FIELDS).join(' or ')}; ${category} is not here.`,
    );
  }
  const type = only('resources.type') ?? '';
  if (category === 'Data' && !DATA_TYPES.includes(type)) {
    throw invalidSelectors(`Give resources.type by Equals: ${DATA_TYPES.join(', ')}; ${type} is not here.`);
  }
  for (const selector of selectors) requireField(selector, category, known);
}

function requireField(selector: AdvancedFieldSelector, category: string, known: readonly string[]): void {
  const { Field: field = '' } = selector;
  if (!known.includes(field)) throw invalidSelectors(`${field} is no field of selectors of category ${category}.`);
  const conditions = conditionsOf(selector);
  if (conditions.length === 0) throw invalidSelectors(`The field ${field} needs a value.`);
  if (EQUALS_ONLY.includes(field) && conditions.some(({ operator }) => operator !== 'Equals')) {
    throw invalidSelectors(`The field ${field} takes Equals alone.`);
  }
  if (field === 'readOnly' && conditions.some(({ value }) => !['true', 'false'].includes(value))) {
    throw invalidSelectors('readOnly equals true or false.');
  }
  const excludes = conditions.every(
    ({ operator, value }) => operator === 'NotEquals' && EXCLUDABLE_SOURCES.includes(value),
  );
  if (category === 'Management' && field === 'eventSource' && !excludes) {
    throw invalidSelectors(`eventSource may only be NotEquals, of ${EXCLUDABLE_SOURCES.join(' and ')}.`);
  }
}

const conditionsOf = (selector: AdvancedFieldSelector) =>
  [...Object.keys(INCLUDING), ...Object.keys(EXCLUDING)].flatMap((operator) =>
    (selector[operator as keyof typeof INCLUDING] ?? []).map((value) => ({ operator, value })),
  );

/** Nothing that excludes may apply; of what includes, one has to, where there is any. */
function matches(selector: AdvancedFieldSelector, record: TrailRecord, resource: DataResource | undefined): boolean {
  const value = valueOf(selector.Field!, record, resource);
  const applies = (operators: Readonly<Record<string, Test>>, name: string): boolean =>
    value !== undefined &&
    (selector[name as keyof typeof INCLUDING] ?? []).some((wanted) => operators[name]!(value, wanted));
  if (Object.keys(EXCLUDING).some((name) => applies(EXCLUDING, name))) return false;
  const including = Object.keys(INCLUDING).filter((name) => selector[name as keyof typeof INCLUDING]?.length);
  return including.length === 0 || including.some((name) => applies(INCLUDING, name));
}

function valueOf(field: string, record: TrailRecord, resource: DataResource | undefined): string | undefined {
  switch (field) {
    case 'resources.type':
      return resource?.type;
    case 'resources.ARN':
      return resource?.arn;
    case 'readOnly':
      return String(record.readOnly);
    case 'userIdentity.arn':
      return record.userIdentity['arn'] as string | undefined;
    case 'eventCategory':
    case 'eventName':
    case 'eventSource':
    case 'eventType':
      return record[field];
    // Nobody is here by a console of AWS.
    default:
      return undefined;
  }
}
