// Trails: which records are delivered where. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html
import type { AdvancedEventSelector, EventSelector, Trail as TrailShape } from '@aws-sdk/client-cloudtrail';

import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { invalidTrailName, tooManyTrails, trailExists, trailNotFound } from './errors.ts';

export interface StoredTrail {
  readonly name: string;
  readonly arn: string;
  /** Where it was made. */
  readonly region: string;
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly topic?: string | undefined;
  readonly globalServices: boolean;
  readonly multiRegion: boolean;
  readonly kmsKeyId?: string | undefined;
  /** A log group, and the role by which its lines are written. */
  readonly logGroupArn?: string | undefined;
  readonly logRoleArn?: string | undefined;
  readonly selectors: readonly EventSelector[];
  /** In place of the others. */
  readonly advancedSelectors?: readonly AdvancedEventSelector[] | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly logging: boolean;
  /** It was stopped, and has something to deliver yet. */
  readonly draining?: boolean;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  /** Records up to this one are delivered, or came while it was off. */
  readonly deliveredId: number;
  readonly deliveredAt?: number;
  readonly deliveryError?: string | undefined;
  /** The same of the log group, which has its own pace, and of the topic. */
  readonly logsId?: number;
  readonly logsAt?: number;
  readonly logsError?: string | undefined;
  readonly notifiedAt?: number;
  readonly notificationError?: string | undefined;
  /** Its log files are in digest files. */
  readonly validated?: boolean;
  readonly digestAt?: number;
  readonly digestError?: string | undefined;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */
const MOST_TRAILS = 5;

export class Trails {
  readonly #trails: Collection<StoredTrail>;
  /** Undefined until somebody asks. */
  #anyActive: boolean | undefined;

  constructor(store: Store) {
    this.#trails = store.collection('cloudtrail.trails');
  }

  /** By its name in the region, or by its ARN; a trail of every region is known in each by its name. */
  find(region: string, nameOrArn: string): StoredTrail | undefined {
    return (
      this.visible(region).find(({ name, arn }) => name === nameOrArn || arn === nameOrArn) ?? this.#byArn(nameOrArn)
    );
  }

  require(region: string, nameOrArn = ''): StoredTrail {
    const trail = this.find(region, nameOrArn);
    if (!trail) throw trailNotFound(nameOrArn);
    return trail;
  }

  /** Whether there may be such a trail as well; what is refused writes nothing to its bucket. */
  requireNew(trail: StoredTrail): void {
    requireName(trail.name);
    if (this.#trails.get(keyOf(trail))) throw trailExists(trail.name);
    if (this.list().filter(({ region }) => region === trail.region).length >= MOST_TRAILS) {
      throw tooManyTrails(trail.region);
    }
  }

  create(trail: StoredTrail): void {
    this.requireNew(trail);
    this.save(trail);
  }

  save(trail: StoredTrail): void {
    this.#anyActive = undefined;
    this.#trails.put(keyOf(trail), trail);
  }

  delete(trail: StoredTrail): void {
    this.#anyActive = undefined;
    this.#trails.delete(keyOf(trail));
  }

  /** Trails that have something delivered: those that are on, and those with what was called until they were stopped. */
  active(): StoredTrail[] {
    if (this.#anyActive === false) return [];
    const active = this.list().filter(({ logging, draining }) => logging || draining);
    this.#anyActive = active.length > 0;
    return active;
  }

  list(): StoredTrail[] {
    return this.#trails.list().map(({ value }) => value);
  }

  /** The trails that a region sees: its own, and those of every region. */
  visible(region: string): StoredTrail[] {
    return this.list().filter((trail) => trail.region === region || trail.multiRegion);
  }

  #byArn(arn: string): StoredTrail | undefined {
    return this.list().find((trail) => trail.arn === arn);
  }
}

const keyOf = ({ region, name }: StoredTrail): string => `${region}/${name}`;

export const trailArn = ({ region, account }: Pick<Call, 'region' | 'account'>, name = ''): string =>
  name.startsWith('arn:') ? name : `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;

export function trailShape(trail: StoredTrail): TrailShape {
  return {
    Name: trail.name,
    TrailARN: trail.arn,
    HomeRegion: trail.region,
    S3BucketName: trail.bucket,
    S3KeyPrefix: trail.prefix,
    ...(trail.topic !== undefined && { SnsTopicName: trail.topic.split(':').at(-1), SnsTopicARN: trail.topic }),
    IncludeGlobalServiceEvents: trail.globalServices,
    IsMultiRegionTrail: trail.multiRegion,
    IsOrganizationTrail: false,
    LogFileValidationEnabled: trail.validated ?? false,
    KmsKeyId: trail.kmsKeyId,
    CloudWatchLogsLogGroupArn: trail.logGroupArn,
    CloudWatchLogsRoleArn: trail.logRoleArn,
    HasCustomEventSelectors:
      trail.advancedSelectors !== undefined ||
      trail.selectors.some(
        ({ DataResources = [], ReadWriteType, IncludeManagementEvents, ExcludeManagementEventSources = [] }) =>
          DataResources.length > 0 ||
          ReadWriteType !== 'All' ||
          IncludeManagementEvents !== true ||
          ExcludeManagementEventSources.length > 0,
      ),
    HasInsightSelectors: false,
  };
}

// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html#API_CreateTrail_RequestSyntax
function requireName(name: string): void {
  if (name.length < 3) throw invalidTrailName('Trail name too short. Minimum allowed length: 3 characters.');
  if (name.length > 128) throw invalidTrailName('Trail name too long. Maximum allowed length: 128 characters.');
  if (!/^[A-Za-z0-9]/.test(name)) throw invalidTrailName('Trail name must starts with a letter or number.');
  if (!/[A-Za-z0-9]$/.test(name)) throw invalidTrailName('Trail name must ends with a letter or number.');
  if (!/^[\w.-]+$/.test(name) || /[._-]{2}/.test(name)) {
    throw invalidTrailName(
      'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
    );
  }
}
