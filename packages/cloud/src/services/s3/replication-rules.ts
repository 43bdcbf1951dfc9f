// What S3 takes for a bucket's replication, and which rules are about a version.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
import type { Destination, ReplicationConfiguration, ReplicationRule } from '@aws-sdk/client-s3';

import { alphanumeric } from '../../kernel/ids.ts';
import type { Bucket, Buckets } from './buckets.ts';
import { invalidArgument, invalidRequest, malformedXml, notSupported } from './errors.ts';
import { inScope } from './lifecycle-rules.ts';
import type { Version } from './objects.ts';

/** The one time that S3 promises, in minutes. */
const REPLICATION_MINUTES = 15;

/** A configuration as it is kept, each rule with an id. Throws S3's error for one that it does not take. */
export function checkReplication(
  configuration: ReplicationConfiguration | undefined,
  bucket: Bucket,
  buckets: Buckets,
): ReplicationConfiguration {
  const { Role: role = '', Rules: rules = [] } = configuration ?? {};
  if (rules.length === 0) throw malformedXml();
  if (bucket.settings.versioning !== 'Enabled') {
    throw invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
  }
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(role)) throw invalidArgument('Invalid Role ARN', 'Role', role);
  return {
    Role: role,
    Rules: rules.map((rule) => {
      checkRule(rule);
      const arn = rule.Destination?.Bucket ?? '';
      const [, name] = /^arn:aws[a-z-]*:s3:::([^/]+)$/.exec(arn) ?? [];
      if (name === undefined) throw invalidArgument('Invalid bucket ARN', 'Bucket', arn);
      const destination = buckets.find(name);
      if (!destination) throw invalidRequest('Destination bucket must exist.');
      if (destination.settings.versioning !== 'Enabled') {
        throw invalidRequest('Destination bucket must have versioning enabled.');
      }
      return { ...rule, ID: rule.ID || alphanumeric(48) };
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

function checkRule(rule: ReplicationRule): void {
  if (rule.Status !== 'Enabled' && rule.Status !== 'Disabled') throw malformedXml();
  refuseUnserved(rule);
  const { EncryptionConfiguration: encryption } = rule.Destination ?? {};
  const encrypted = replicatesEncrypted(rule);
  if (encryption && !encrypted) {
    throw invalidRequest('SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present');
  }
  if (encrypted && !encryption?.ReplicaKmsKeyID) {
    throw invalidRequest('EncryptionConfiguration must be specified if SseKmsEncryptedObjects tag is enabled.');
  }
  checkTimes(rule.Destination);
}

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
function refuseUnserved({ SourceSelectionCriteria: criteria, ExistingObjectReplication: existing }: ReplicationRule) {
  const parts = {
    'SourceSelectionCriteria.ReplicaModifications': criteria?.ReplicaModifications?.Status === 'Enabled' || undefined,
    ExistingObjectReplication: existing?.Status === 'Enabled' || undefined,
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
