// What is wrong with an aws_s3_bucket_lifecycle_configuration before anything is sent: what hashicorp/aws refuses, and the
// combinations of which it only warns, since S3 refuses them.
import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { TRANSITION_CLASSES } from './lifecycle-rules.ts';
import { bucketProblems, ownerProblems, problem, requireOneOf, type Problem } from './setting-validation.ts';

const MINIMUM_SIZES = ['all_storage_classes_128K', 'varies_by_storage_class'];
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const SINGLE_BLOCKS = ['abort_incomplete_multipart_upload', 'expiration', 'filter', 'noncurrent_version_expiration'];

export const validateLifecycle: NonNullable<ResourceType['validate']> = (config) => [
  ...bucketProblems(config),
  ...ownerProblems(config),
  ...requireOneOf(config, 'transition_default_minimum_object_size', MINIMUM_SIZES),
  ...elements(config['rule']).flatMap((rule, index) => ruleProblems(rule, `rule.${index}`)),
];

function ruleProblems(rule: Attributes, path: string): Problem[] {
  const id: string | undefined = rule['id'];
  return [
    ...(id !== undefined && id !== null && (id.length < 1 || id.length > 255)
      ? [problem(`${path}.id`, `An id has 1 to 255 characters, and this one has ${id.length}.`)]
      : []),
    ...requireOneOf(rule, 'status', ['Enabled', 'Disabled'], path),
    ...SINGLE_BLOCKS.filter((name) => elements(rule[name]).length > 1).map((name) =>
      problem(`${path}.${name}`, `A rule has one ${name} at most.`),
    ),
    ...(rule['prefix'] && elements(rule['filter']).length > 0
      ? [problem(`${path}.prefix`, 'A rule has a filter or a prefix, not both.')]
      : []),
    ...elements(rule['filter']).flatMap((filter) => filterProblems(filter, `${path}.filter.0`)),
    ...elements(rule['expiration']).flatMap((expiration) => expirationProblems(expiration, `${path}.expiration.0`)),
    ...elements(rule['noncurrent_version_expiration']).flatMap((block) =>
      requireAtLeast(block, 'noncurrent_days', 1, `${path}.noncurrent_version_expiration.0`),
    ),
    // Elements of a set have no address of their own.
    ...elements(rule['transition']).flatMap((block) => transitionProblems(block, `${path}.transition`)),
    ...elements(rule['noncurrent_version_transition']).flatMap((block) => [
      ...inSet(requireAtLeast(block, 'noncurrent_days', 0), `${path}.noncurrent_version_transition`),
      ...inSet(requireOneOf(block, 'storage_class', TRANSITION_CLASSES), `${path}.noncurrent_version_transition`),
    ]),
  ];
}

function filterProblems(filter: Attributes, path: string): Problem[] {
  const twice = ['and', 'tag'].find((name) => elements(filter[name]).length > 1);
  if (twice) return [problem(`${path}.${twice}`, `A filter has one ${twice} at most: several tags go into "and".`)];
  const names = ['object_size_greater_than', 'object_size_less_than', 'prefix', 'and', 'tag'];
  const said = names.filter((name) => (Array.isArray(filter[name]) ? filter[name].length > 0 : given(filter[name])));
  return said.length > 1
    ? [
        problem(
          path,
          `A filter has one of ${names.join(', ')}, and this one has ${said.join(', ')}: put them into "and".`,
        ),
      ]
    : [];
}

function expirationProblems(expiration: Attributes, path: string): Problem[] {
  const names = ['date', 'days', 'expired_object_delete_marker'];
  const said = names.filter((name) => given(expiration[name]) && expiration[name] !== false);
  return [
    ...(said.length > 1
      ? [problem(path, `An expiration has one of ${names.join(', ')}, and this one has ${said.join(' and ')}.`)]
      : []),
    ...dateProblems(expiration, path),
  ];
}

function transitionProblems(transition: Attributes, path: string): Problem[] {
  return [
    ...(given(transition['date']) && given(transition['days'])
      ? [problem(path, 'A transition has a date or days, not both.')]
      : []),
    ...inSet(dateProblems(transition), path),
    ...inSet(requireAtLeast(transition, 'days', 0), path),
    ...inSet(requireOneOf(transition, 'storage_class', TRANSITION_CLASSES), path),
  ];
}

const dateProblems = ({ date }: Attributes, path = ''): Problem[] =>
  given(date) && !(RFC3339.test(date) && Number.isFinite(Date.parse(date)))
    ? [problem(`${path}.date`, `${date} is not a time in RFC 3339 form, such as 2030-01-01T00:00:00Z.`)]
    : [];

const requireAtLeast = (block: Attributes, name: string, least: number, path = ''): Problem[] =>
  given(block[name]) && block[name] < least
    ? [problem(`${path}.${name}`, `${name} has to be at least ${least}, and is ${block[name]}.`)]
    : [];

const inSet = (problems: readonly Problem[], attribute: string): Problem[] =>
  problems.map(({ message }) => ({ attribute, message }));

const given = (value: unknown): boolean => value !== undefined && value !== null;

const elements = (blocks: unknown): Attributes[] => (Array.isArray(blocks) ? blocks : []);
