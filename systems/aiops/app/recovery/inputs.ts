// What a recovery build is told, checked before anything uses it: the variables come from whoever started the build.
import { Failure } from './failure.ts';

export interface Inputs {
  /** The incident's id for its whole life. */
  readonly correlationId: string;
  /** What was lost, e.g. `dynamodb`. */
  readonly resourceType: string;
  readonly stateBucket: string;
  readonly lockTable: string;
  readonly lockTimeout: string;
  readonly artifactsBucket: string;
  readonly system: string;
  readonly environment: string;
  readonly stack: string;
  /** The most resources that one recovery may touch. */
  readonly maxChanges: number;
  readonly buildId: string;
  /** Undefined on AWS itself. */
  readonly endpoint: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The limit of recovery's blast radius where the build does not set a lower or higher one. */
const MAX_CHANGES = '5';

const WORD = { form: /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, says: 'letters, digits and ._:-, at most 128' };
const NAME = { form: /^[a-z][a-z0-9-]{0,62}$/, says: 'lower case letters, digits and dashes' };
const BUCKET = { form: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, says: "a bucket's name" };
const TABLE = { form: /^[\w.-]{3,255}$/, says: "a table's name" };
const DURATION = { form: /^\d{1,4}[smh]$/, says: 'a duration such as 90s or 5m' };
const COUNT = { form: /^[1-9]\d{0,2}$/, says: 'a number from 1 to 999' };

/** Reads the build's variables; a missing or malformed one is a `Failure` that names it. */
export function readInputs(variables: Variables): Inputs {
  const read = (name: string, { form, says }: typeof WORD, otherwise?: string): string => {
    const value = variables[name] ?? otherwise;
    if (value === undefined || value === '') throw missing(name);
    if (!form.test(value)) throw malformed(name, value, says);
    return value;
  };
  return {
    correlationId: read('CORRELATION_ID', WORD),
    resourceType: read('RESOURCE_TYPE', WORD),
    stateBucket: read('TF_STATE_BUCKET', BUCKET),
    lockTable: read('TF_LOCK_TABLE', TABLE),
    lockTimeout: read('TF_LOCK_TIMEOUT', DURATION, '5m'),
    artifactsBucket: read('PLINTH_ARTIFACTS_BUCKET', BUCKET),
    system: read('PLINTH_SYSTEM', NAME, 'aiops'),
    environment: read('PLINTH_ENVIRONMENT', NAME, 'production'),
    stack: read('PLINTH_STACK', NAME, 'global'),
    maxChanges: Number(read('PLINTH_MAX_CHANGES', COUNT, MAX_CHANGES)),
    buildId: read('CODEBUILD_BUILD_ID', WORD, 'unknown-build'),
    endpoint: variables['AWS_ENDPOINT_URL'],
  };
}

const missing = (name: string): Failure =>
  new Failure(
    `${name} is not set`,
    `Start the build with it: aws codebuild start-build … --environment-variables-override name=${name},value=…`,
  );

const malformed = (name: string, value: string, says: string): Failure =>
  new Failure(`${name} is ${JSON.stringify(value.slice(0, 200))}`, `It has to be ${says}.`);
