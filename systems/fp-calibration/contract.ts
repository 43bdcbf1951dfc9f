// What the infrastructure and the application agree on: every name, key, unit, limit and threshold is written here once.
// It imports nothing, so that it costs the functions nothing and knows neither blocks nor the SDK.

export const SERVICE = 'fp-calibration';

export const ENVIRONMENTS = ['staging', 'production'] as const;

export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/**
 * The tables, in the shape of the block `Table`. Whatever is `epoch-seconds` holds seconds since 1970 as a number: DynamoDB
 * expires nothing by any other format, silently.
 */
export const TABLES = {
  /** Consents by organization, and beside them suspensions, histories and the credentials that send to the queue. */
  consent: {
    partitionKey: 'orgId',
    attributes: { orgId: 'string', expiresAt: 'epoch-seconds' },
    timeToLive: 'expiresAt',
  },
  /** Published cells, and nothing else: what lies here may be known. */
  calibration: {
    partitionKey: 'id',
    attributes: { id: 'string', ruleId: 'string', lastWeek: 'string' },
    indexes: { 'rule-index': { partitionKey: 'ruleId', sortKey: 'lastWeek' } },
  },
  /** Anonymous events, the marks by which a duplicate is known, and how far their weeks are decided. */
  events: {
    partitionKey: 'id',
    attributes: { id: 'string', ruleId: 'string', week: 'string', findingKey: 'string', expiresAt: 'epoch-seconds' },
    indexes: {
      'finding-index': { partitionKey: 'findingKey', project: 'keys' },
      'rule-index': { partitionKey: 'ruleId', sortKey: 'week' },
    },
    timeToLive: 'expiresAt',
  },
  /** Blocks by the hour, requests by the hour, and the breakers' states. */
  counter: {
    partitionKey: 'bucketKey',
    attributes: { bucketKey: 'string', expiresAt: 'epoch-seconds' },
    timeToLive: 'expiresAt',
  },
} as const;

/** `phase-mirror-consent-store-staging`. */
export const tableName = (table: keyof typeof TABLES, environment: EnvironmentName): string =>
  `phase-mirror-${{ consent: 'consent-store', calibration: 'calibration-store', events: 'fp-events', counter: 'block-counter' }[table]}-${environment}`;

/** The functions' environment variables; each function gets those of `FUNCTIONS` and no others. */
export const VARIABLES = {
  environment: 'FP_ENVIRONMENT',
  consentTable: 'FP_CONSENT_TABLE',
  calibrationTable: 'FP_CALIBRATION_TABLE',
  eventsTable: 'FP_EVENTS_TABLE',
  counterTable: 'FP_COUNTER_TABLE',
  /** The secret's name or ARN. */
  saltSecret: 'FP_SALT_SECRET',
  /** Blocks per hour at which a breaker trips. */
  blockThreshold: 'FP_BLOCK_THRESHOLD',
  /** Hours, 1 to 4, for which a tripped breaker stays open. */
  cooldownHours: 'FP_COOLDOWN_HOURS',
} as const;

/** The secret; its value is the JSON of `SaltValue` and is made by the rotator alone, the first one too. */
export const SALT = {
  secretName: (environment: EnvironmentName): string => `/phase-mirror/fp-calibration/hmac-salt-${environment}`,
  rotationDays: 30,
  hexDigits: 64,
  /** How long a function may go on with a salt that it has read. */
  cacheSeconds: 300,
  /** How long the salt before the current one stays: as long as a duplicate is looked for, and until no cache writes by it. */
  previousSeconds: 24 * 3_600 + 300,
  /** Older than this, a rotation is overdue: the alarm's threshold for `SaltAge`. */
  overdueHours: 32 * 24,
} as const;

export interface SaltValue {
  /** 64 hexadecimal digits. */
  readonly salt: string;
  /** Unique for each rotation: its day and a part of its token. */
  readonly epoch: string;
  /** ISO 8601. */
  readonly rotatedAt: string;
}

export const LIMITS = {
  /** Distinct organizations behind every cell that is answered. */
  k: 10,
  /** Events of one organization that count for one rule and week. */
  eventsPerOrganizationRuleWeek: 20,
  requestsPerHour: 1_000,
  eventsPerRequest: 25,
  bodyBytes: 128 * 1024,
  organizationLength: 255,
  /** Within this an organization's second report of a finding is a duplicate. */
  duplicateSeconds: 24 * 3_600,
  /** An event's time is moved forward by up to this. */
  shiftSeconds: 3_600,
  /** How far a sender's clock may be ahead. */
  clockSkewSeconds: 300,
  /** After a week's end its events are still taken for this long; then it is closed, and frozen once. */
  weekGraceSeconds: 48 * 3_600,
  /** After closing, so long until it is frozen: longer than any function runs and any index lags. */
  freezeDelaySeconds: 3_600,
  /** Weeks of one block; what is too small for a week of its own is answered, if it can be, for the block. */
  weeksPerBlock: 4,
  /** Weeks that a query looks back, and at most may. */
  defaultWeeks: 8,
  maximumWeeks: 52,
  eventRetentionDays: 90,
  counterRetentionHours: 24,
  /** An enrolled credential may send to the queue for this long; each enrolment begins it anew. */
  credentialDays: 90,
  /** Entries that a consent's history keeps. */
  consentHistory: 100,
  retryAfterSeconds: 30,
} as const;

export const BREAKER = {
  /** Blocks in an hour that trip it. */
  threshold: { default: 10, development: 20, production: 5 },
  cooldownHours: { default: 2, least: 1, most: 4 },
  /** How long a breaker tries blocking again before it is closed. */
  trialSeconds: 3_600,
  /** The false-positive rate is that of the last so many reviewed events, if there are at least `reviewsNeeded`. */
  reviews: 100,
  reviewsNeeded: 10,
  warnRate: 0.2,
  tripRate: 0.3,
  stateRetentionDays: 90,
} as const;

/** Data that organizations consent to. `retentionDays` is how long a consent to it lasts where the organization names no end. */
export const CONSENT_RESOURCES = {
  fp_patterns: { risk: 'medium', retentionDays: 90 },
  fp_metrics: { risk: 'low', retentionDays: 365 },
  cross_org_benchmarks: { risk: 'high', retentionDays: 30 },
  rule_calibration: { risk: 'medium', retentionDays: 60 },
  audit_logs: { risk: 'high', retentionDays: 180 },
  drift_baselines: { risk: 'low', retentionDays: 365 },
} as const;

export type ConsentResource = keyof typeof CONSENT_RESOURCES;

/** The consent policy in force; a consent to another version has to be given again. */
export const POLICY_VERSION = '1.0';

/** What ingestion asks consent for. */
export const INGESTION_CONSENT: ConsentResource = 'rule_calibration';

/** The application's own metrics, all with exactly these two dimensions. */
export const METRICS = {
  namespace: 'PhaseMirror/FPCalibration',
  dimensions: (environment: string): { readonly service: string; readonly environment: string } => ({
    service: SERVICE,
    environment,
  }),
  names: {
    consentCheckFailures: 'ConsentCheckFailures',
    anonymizationErrors: 'AnonymizationErrors',
    eventsStored: 'EventsStored',
    eventsDuplicate: 'EventsDuplicate',
    eventsRefused: 'EventsRefused',
    eventsThrottled: 'EventsThrottled',
    /** Milliseconds from a request to its answer. */
    ingestionLatency: 'IngestionLatency',
    breakerTrips: 'BreakerTrips',
    breakerUnreadable: 'BreakerUnreadable',
    falsePositiveWarnings: 'FalsePositiveWarnings',
    cellsPublished: 'CellsPublished',
    saltRotated: 'SaltRotated',
    saltRetired: 'SaltRetired',
    /** Hours; reported twice a day by `retire-salt`. */
    saltAge: 'SaltAge',
  },
} as const;

/** Alarms on the metrics above and on AWS/Lambda; a period without data is fine. */
export const ALARMS = {
  consentCheckFailures: { above: 10, periodSeconds: 300, periods: 2, severity: 'critical' },
  anonymizationErrors: { above: 5, periodSeconds: 300, periods: 1, severity: 'critical' },
  throttles: { above: 5, periodSeconds: 300, periods: 2, severity: 'warning' },
  /** Average milliseconds. */
  ingestionLatency: { above: 1_000, periodSeconds: 900, periods: 2, severity: 'warning' },
  deadLetters: { above: 0, periodSeconds: 300, periods: 1, severity: 'critical' },
  functionErrors: { above: 10, periodSeconds: 300, periods: 2, severity: 'critical' },
  breakerTrips: { above: 0, periodSeconds: 300, periods: 1, severity: 'warning' },
  breakerUnreadable: { above: 5, periodSeconds: 300, periods: 2, severity: 'warning' },
  /** Maximum of hours. */
  saltAge: { above: SALT.overdueHours, periodSeconds: 12 * 3_600, periods: 1, severity: 'critical' },
} as const;

/** How an organization's credential tells which organization it is. */
export const IDENTITY = {
  /** An IAM user's path: `/organizations/<organization>/`. */
  userPath: '/organizations/',
  /** An IAM role's name: `org-<organization>` or `org-<organization>.<credential>`. */
  rolePrefix: 'org-',
  /** An alias of a function that is invoked without its URL: `org-<organization>`. */
  aliasPrefix: 'org-',
} as const;

/** What a function may do with a resource, in IAM's words. */
export type Permissions = {
  readonly [
    R in 'consent' | 'calibration' | 'calibrationIndex' | 'events' | 'eventsIndex' | 'counter' | 'salt'
  ]?: readonly string[];
} & {
  /** Stages of the secret to which `secretsmanager:GetSecretValue` is confined, by the key `secretsmanager:VersionStage`. */
  readonly saltStages?: readonly ('AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS')[];
};

export interface FunctionShape {
  readonly description: string;
  /** Below `app/handlers/`. */
  readonly entry: `${string}.ts`;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly variables: readonly (keyof typeof VARIABLES)[];
  /** Everything the function calls; its role needs nothing else but its log. */
  readonly allows: Permissions;
  readonly trigger: 'url' | 'queue' | 'rotation' | { readonly schedule: string };
}

const COUNTS = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] as const;

const READS_SALT = {
  salt: ['secretsmanager:GetSecretValue'],
  saltStages: ['AWSCURRENT', 'AWSPREVIOUS'],
} as const;

const INGESTS = {
  variables: [
    'environment',
    'consentTable',
    'eventsTable',
    'counterTable',
    'saltSecret',
    'blockThreshold',
    'cooldownHours',
  ],
  allows: { consent: ['dynamodb:GetItem'], events: ['dynamodb:PutItem'], counter: COUNTS, ...READS_SALT },
} as const;

/** The functions: who starts them, what they are told and what their roles may do. */
export const FUNCTIONS = {
  ingest: {
    description: 'Takes in false-positive events: consent, rate, duplicates, anonymity',
    entry: 'ingest.ts',
    memoryMegabytes: 512,
    timeoutSeconds: 15,
    ...INGESTS,
    trigger: 'url',
  },
  'ingest-batch': {
    description: 'Takes in false-positive events from the queue',
    entry: 'ingest-batch.ts',
    memoryMegabytes: 512,
    timeoutSeconds: 30,
    ...INGESTS,
    trigger: 'queue',
  },
  consent: {
    description: 'Keeps what organizations have consented to, and which credentials send to the queue',
    entry: 'consent.ts',
    memoryMegabytes: 256,
    timeoutSeconds: 15,
    variables: ['environment', 'consentTable'],
    allows: { consent: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
    trigger: 'url',
  },
  calibration: {
    description: 'Answers how often a rule is wrong, from published cells alone',
    entry: 'calibration.ts',
    memoryMegabytes: 256,
    timeoutSeconds: 15,
    variables: ['environment', 'calibrationTable'],
    allows: { calibrationIndex: ['dynamodb:Query'] },
    trigger: 'url',
  },
  blocks: {
    description: 'Records that a rule is about to block, and says whether it may',
    entry: 'blocks.ts',
    memoryMegabytes: 256,
    timeoutSeconds: 15,
    variables: ['environment', 'counterTable', 'saltSecret', 'blockThreshold', 'cooldownHours'],
    allows: { counter: COUNTS, ...READS_SALT },
    trigger: 'url',
  },
  'freeze-weeks': {
    description: 'Publishes what may be known of the weeks that have closed',
    entry: 'freeze-weeks.ts',
    memoryMegabytes: 1_024,
    timeoutSeconds: 300,
    variables: ['environment', 'eventsTable', 'calibrationTable'],
    allows: {
      eventsIndex: ['dynamodb:Query'],
      events: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      calibration: ['dynamodb:PutItem'],
    },
    trigger: { schedule: 'cron(15 1 * * ? *)' },
  },
  'rotate-salt': {
    description: 'Makes a new salt, the first one too',
    entry: 'rotate-salt.ts',
    memoryMegabytes: 256,
    timeoutSeconds: 30,
    variables: ['environment', 'saltSecret'],
    allows: {
      salt: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      saltStages: ['AWSPENDING', 'AWSCURRENT'],
    },
    trigger: 'rotation',
  },
  'retire-salt': {
    description: 'Takes the previous salt away after its day, and says how old the current one is',
    entry: 'retire-salt.ts',
    memoryMegabytes: 256,
    timeoutSeconds: 30,
    variables: ['environment', 'saltSecret'],
    allows: { salt: ['secretsmanager:ListSecretVersionIds', 'secretsmanager:UpdateSecretVersionStage'] },
    trigger: { schedule: 'rate(12 hours)' },
  },
} as const satisfies Readonly<Record<string, FunctionShape>>;

/** The routes of the functions that have a URL. */
export const ROUTES = {
  ingest: ['POST /v1/events'],
  consent: [
    'GET /v1/consent/{organization}',
    'PUT /v1/consent/{organization}',
    'DELETE /v1/consent/{organization}',
    'GET /v1/consent/{organization}/history',
    'PUT /v1/consent/{organization}/credential',
  ],
  calibration: ['GET /v1/calibration/{ruleId}', 'GET /v1/calibration'],
  blocks: ['POST /v1/blocks', 'GET /v1/blocks/{ruleId}'],
} as const;
