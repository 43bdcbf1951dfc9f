// What S3 takes for a bucket's replication, and which rules are about a version.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
import type { Destination, ReplicationConfiguration, ReplicationRule } from '@aws-sdk/client-s3';

import { alphanumeric } from '../../kernel/ids.ts';
import type { Bucket } from './buckets.ts';
import { invalidArgument, invalidRequest, malformedXml, notSupported } from './errors.ts';
import { inScope } from './lifecycle-rules.ts';
import { STORAGE_CLASSES } from './object-headers.ts';
import type { Version } from './objects.ts';
import type { S3 } from './service.ts';

/** The one time that S3 promises, in minutes. */
const REPLICATION_MINUTES = 15;

const STATUSES: readonly string[] = ['Enabled', 'Disabled'];

/** A configuration as it is kept, each rule with an id. Throws S3's error for one that it does not take. */
export function checkReplication(
  configuration: ReplicationConfiguration | undefined,
  bucket: Bucket,
  { buckets, kernel }: Pick<S3, 'buckets' | 'kernel'>,
): ReplicationConfiguration {
  const { Role: role = '', Rules: rules = [] } = configuration ?? {};
  if (rules.length === 0) throw malformedXml();
  if (bucket.settings.versioning !== 'Enabled') {
    throw invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
  }
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(role)) throw invalidArgument('Invalid Role ARN', 'Role', role);
  const ids = new Set<string>();
  return {
    Role: role,
    Rules: rules.map((rule) => {
      checkRule(rule, kernel.account);
      const arn = rule.Destination?.Bucket ?? '';
      const [, name] = /^arn:aws[a-z-]*:s3:::([^/]+)$/.exec(arn) ?? [];
      if (name === undefined) throw invalidArgument('Invalid bucket ARN', 'Bucket', arn);
      const destination = buckets.find(name);
      if (!destination) throw invalidRequest('Destination bucket must exist.');
      if (destination.settings.versioning !== 'Enabled') {
        throw invalidRequest('Destination bucket must have versioning enabled.');
      }
      const ID = rule.ID || alphanumeric(48);
      if (ids.has(ID)) throw invalidArgument('Rule ID must be unique. Found same ID for more than one rule', 'ID', ID);
      ids.add(ID);
      return { ...rule, ID };
    }),
  };
}

/** The rules that want a version: of those with one destination, the one of the highest priority. */
export function rulesFor(rules: readonly ReplicationRule[], version: Version): ReplicationRule[] {
  const chosen = new Map<string, ReplicationRule>();
  for (const rule of rules.toSorted((a, b) => (b.Priority ?? 0) - (a.Priority ?? 0))) {
    const destination = rule.Destination!.Bucket!;
    if (rule.Status === 'Enabled' && !chosen.has(destination) && isAbout(rule, version)) chosen.set(destination, rule);
  }
  return [...chosen.values()];
}

function checkRule(rule: ReplicationRule, account: string): void {
  const { Destination: to, SourceSelectionCriteria: criteria } = rule;
  const parts = [
    rule,
    rule.DeleteMarkerReplication,
    rule.ExistingObjectReplication,
    criteria?.SseKmsEncryptedObjects,
    criteria?.ReplicaModifications,
    to?.ReplicationTime,
    to?.Metrics,
  ];
  for (const part of parts) if (part?.Status !== undefined && !STATUSES.includes(part.Status)) throw malformedXml();
  refuseUnserved(rule, account);
  checkFilter(rule);
  if (to?.StorageClass !== undefined && !STORAGE_CLASSES.includes(to.StorageClass)) throw malformedXml();
  const { EncryptionConfiguration: encryption } = to ?? {};
  const encrypted = replicatesEncrypted(rule);
  if (encryption && !encrypted) {
    throw invalidRequest('SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present');
  }
  if (encrypted && !encryption?.ReplicaKmsKeyID) {
    throw invalidRequest('EncryptionConfiguration must be specified if SseKmsEncryptedObjects tag is enabled.');
  }
  checkTimes(rule.Destination);
}

// Rules with a filter are of the second kind, which has to say more.
function checkFilter({
  Filter: filter,
  Prefix,
  Priority: priority,
  DeleteMarkerReplication: markers,
}: ReplicationRule) {
  if (!filter) return;
  const { And: and, ...single } = filter;
  const parts = [and, ...Object.values(single)].filter((part) => part !== undefined);
  if (Prefix !== undefined || parts.length > 1) throw malformedXml();
  if (!markers) throw invalidRequest(`DeleteMarkerReplication must be specified ${THIS_VERSION}`);
  if (priority === undefined) throw invalidRequest(`Priority must be specified ${THIS_VERSION}`);
  const tagged = filter.Tag !== undefined || (and?.Tags ?? []).length > 0;
  if (tagged && markers.Status === 'Enabled') {
    throw invalidRequest(
      'Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.',
    );
  }
}

const THIS_VERSION =
  'for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.';

function checkTimes({ ReplicationTime: time, Metrics: metrics }: Partial<Destination> = {}): void {
  if (time?.Status === 'Enabled' && metrics?.Status !== 'Enabled') {
    throw invalidRequest('Metrics must be enabled when ReplicationTime is enabled.');
  }
  for (const minutes of [time?.Time?.Minutes, metrics?.EventThreshold?.Minutes]) {
    if (minutes === undefined || minutes === REPLICATION_MINUTES) continue;
    throw invalidArgument(
      `Replication time threshold must be ${REPLICATION_MINUTES} minutes.`,
      'Minutes',
      String(minutes),
    );
  }
}

/** Parts of a rule that the cloud would not do. */
function refuseUnserved(
  { SourceSelectionCriteria: criteria, ExistingObjectReplication: existing, Destination: to }: ReplicationRule,
  account: string,
): void {
  const parts = {
    'SourceSelectionCriteria.ReplicaModifications': criteria?.ReplicaModifications?.Status === 'Enabled' || undefined,
    ExistingObjectReplication: existing?.Status === 'Enabled' || undefined,
    'Destination.Account of another account': (to?.Account ?? account) !== account || undefined,
  };
  const unserved = Object.entries(parts).find(([, value]) => value !== undefined);
  if (unserved) throw notSupported(`${unserved[0]} in a replication rule`);
}

const replicatesEncrypted = ({ SourceSelectionCriteria: criteria }: ReplicationRule): boolean =>
  criteria?.SseKmsEncryptedObjects?.Status === 'Enabled';

function isAbout(rule: ReplicationRule, { key, size, marker, about }: Version): boolean {
  // Rules of the first kind, with a prefix of their own, replicate delete markers unasked.
  if (marker && rule.Filter && rule.DeleteMarkerReplication?.Status !== 'Enabled') return false;
  // What is under a KMS key is replicated only where a rule says under which one it is to be there.
  if (about.encryption && !replicatesEncrypted(rule)) return false;
  const { Filter: filter } = rule;
  const tags = filter?.And?.Tags ?? (filter?.Tag ? [filter.Tag] : []);
  const scope = {
    prefix: filter?.And?.Prefix ?? filter?.Prefix ?? rule.Prefix ?? '',
    tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    largerThan: -1,
    smallerThan: Infinity,
  };
  return inScope(scope, key, size, about.tags);
}
