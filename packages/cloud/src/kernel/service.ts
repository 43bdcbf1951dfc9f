// What a service is to the rest of the cloud: operations behind IAM, and the Terraform types that drive them.
import type { Readable } from 'node:stream';

import type { ResourceType, DataSourceType } from '../terraform/resource.ts';
import type { WireAnswer, WireRequest } from '../wire/message.ts';
import type { Clock } from './clock.ts';
import type { Arrival, Feed, FinishedCall, Measurement, ServiceEvent } from './feed.ts';
import type { Identity } from './identity/identity.ts';
import type { Principal } from './identity/principal.ts';
import type { Log } from './log.ts';
import type { Meter } from './meter.ts';
import type { Store } from './store.ts';

/** Who calls, from where, and when: all that an operation may know of its request besides its input. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** The request names no region of its own, as one without a signature does not: what it is about may be in any. */
  readonly anyRegion?: boolean | undefined;
  readonly account: string;
  readonly principal: Principal;
  readonly requestId: string;
  /** The moment of the call on the cloud's clock, in milliseconds. */
  readonly now: number;
  /** The URL under which the client reached the cloud, without a trailing slash. */
  readonly endpoint: string;
  /** The request's first line without its protocol, e.g. `GET /bucket/key?versionId=1`; absent for calls inside the cloud. */
  readonly line?: string | undefined;
  /** Request headers in lower case; empty for calls inside the cloud. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The services, by name, that pass the principal's call on, the first one first: `['s3']` where S3 asks KMS for its caller. */
  readonly via?: readonly string[] | undefined;
  /** For a service's own call, the resource on whose behalf it comes: `aws:SourceArn`, and `aws:SourceAccount` beside it. */
  readonly sourceArn?: string | undefined;
  /** How the call was signed; absent where nobody signed it, and for calls inside the cloud. */
  readonly signed?: Signed | undefined;
  /** Runs something once the client has gone away without its answer; the answer stops listening. Absent for calls inside the cloud. */
  readonly onHangUp?: ((run: () => void) => () => void) | undefined;
}

/** What some policies want to know of a signature. */
export interface Signed {
  readonly place: 'header' | 'query' | 'form';
  readonly algorithm: 'AWS4-HMAC-SHA256' | 'AWS';
  /** Milliseconds since it was made; unknown of Signature Version 2. */
  readonly age?: number;
}

/** One thing IAM has to allow before an operation runs. */
export interface Access {
  /** E.g. `s3:GetObject`. */
  readonly action: string;
  /** The ARN acted on, or `*` where AWS has no resource type for the action. */
  readonly resource: string;
  /** The resource's own policy, a JSON text, where it has one. */
  readonly resourcePolicy?: string | undefined;
  /** The resource's policy has to allow too, as a role's trust policy or a key policy does. @default false */
  readonly resourcePolicyRequired?: boolean;
  /** Service-specific condition keys, e.g. `{ 's3:prefix': 'logs/' }`. */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
}

/** What a resource itself brings to a decision. */
export type ResourceFacts = Pick<Access, 'resourcePolicy' | 'resourcePolicyRequired' | 'context'>;

/** An API operation: what it needs allowed, and what it does; typed by the SDK's own input and output. */
export interface Operation<Input = any, Output = any> {
  readonly access: (input: Input, call: Call) => readonly Access[];
  readonly run: (input: Input, call: Call) => Output | Promise<Output>;
  /** Needs no signature: the operation itself finds out who calls, as AssumeRoleWithWebIdentity does. @default false */
  readonly unsigned?: boolean;
  /**
   * A way past the schemas for requests in a JSON protocol: gets the request's JSON as it was sent, after `access` has
   * seen it parsed but unchecked, and gives the answer's JSON as it is to be sent. `run` serves all other callers.
   */
  readonly raw?: (json: Buffer, call: Call) => Promise<RawAnswer>;
}

export interface RawAnswer {
  readonly status: number;
  readonly json: Uint8Array;
}

export type Operations = Readonly<Record<string, Operation>>;

/** A streaming member: what the wire hands in (decoded, checksums and signature checked as it is read) or takes. */
export type Body = Uint8Array | Readable;

export interface Service {
  /** The name in a signature's credential scope and in ARNs, e.g. `s3`, `logs`. */
  readonly name: string;
  /**
   * The name in a signature's credential scope, where it is another service's: the two are told apart by their targets.
   * @default its own
   */
  readonly signingName?: string;
  /** Which `@aws-sdk/client-…` package's schemas define its wire, e.g. `cloudwatch-logs`. */
  readonly client: string;
  readonly operations: Operations;
  /**
   * Members of operations' inputs that the service has nothing for, by their paths (`Rules.Filter`, through lists too): a
   * request that brings one is answered 501, by its path.
   */
  readonly unsupported?: Readonly<Record<string, readonly string[]>>;
  /** The largest request body, in bytes, of operations without a streaming input. @default 16 MiB */
  readonly largestBody?: number;
  /** Compares a body that was read whole with what its headers, or trailers, say of it; throws the service's error. */
  readonly checkBody?: (operation: string, body: Buffer, headers: WireRequest['headers']) => void;
  /** The code of the error for a required member left out, where the service has its own. @default the protocol's */
  readonly missingInputCode?: string;
  readonly resources: readonly ResourceType[];
  readonly dataSources?: readonly DataSourceType[];
  /** What IAM has to know of the resource with this ARN: its policy, its condition keys; undefined where the service has no such resource. */
  readonly describeResource?: (arn: string, action: string, call: Call) => ResourceFacts | undefined;
  /**
   * Answers a request to an endpoint that the service gives its customers, such as a function URL; undefined where the host
   * and path are none of its own. Asked before the request is taken for a call of an AWS API.
   */
  readonly serve?: (request: WireRequest, source: Readable) => Promise<WireAnswer> | undefined;
  /** What pages of other origins may do here; without it, no call with a foreign `origin` is answered. */
  readonly crossOrigin?: CrossOrigin;
  /** What every error tells in its headers, besides what the error itself does. */
  readonly errorHeaders?: (request: WireRequest) => Readonly<Record<string, string>>;
  /** What the `plinth` command may ask, each at `GET /_plinth/<name>`: answered as JSON, or as a stream of lines. */
  readonly questions?: Readonly<Record<string, (query: URLSearchParams) => unknown>>;
  /** Runs once every service is known: re-arms timers, repairs what a crash left half done. */
  readonly start?: () => void | Promise<void>;
  readonly stop?: () => void | Promise<void>;
}

/** How a service treats browsers that show pages of other origins. https://fetch.spec.whatwg.org/#http-cors-protocol */
export interface CrossOrigin {
  /** Answers what a browser asks before it sends a page's request. */
  preflight(request: WireRequest): WireAnswer;
  /** The headers that let the page read the request's answer. */
  headers(request: WireRequest): Readonly<Record<string, string>>;
}

/** Calls an operation inside the cloud, as a principal: authorized, metered and recorded like one from outside. */
export type Invoke = <Input, Output>(
  service: string,
  operation: string,
  input: Input,
  as: { principal: Principal; region: string } & Pick<Call, 'via' | 'sourceArn'> & Partial<Pick<Call, 'headers'>>,
) => Promise<Output>;

/** What every service is given. */
export interface Kernel {
  readonly store: Store;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  /** The one account, twelve digits. */
  readonly account: string;
  /** The cloud's own URL, e.g. `http://127.0.0.1:4566`; known once it listens, so read it when needed. */
  readonly endpoint: () => string;
  readonly invoke: Invoke;
  /** Throws NotImplemented for what `invoke` would never do: an operation, or a member of its input, that the cloud has not. */
  readonly requireLive: (service: string, operation: string, input: unknown) => void;
  readonly identity: Identity;
  /** Every call that came to its end. */
  readonly calls: Feed<FinishedCall>;
  /** What services send to the default event bus. */
  readonly events: Feed<ServiceEvent>;
  /** What services send to CloudWatch. */
  readonly measurements: Feed<Measurement>;
  /** What queues and streams tell those that consume them. */
  readonly arrivals: Feed<Arrival>;
  /** Credentials for a session of a role, as a service gets them that runs code for the customer. */
  readonly sessions: SessionIssuer;
  /** Opens a Terraform provider address whose every call acts as `principal`; `folder` is where relative file paths start. */
  readonly openDoor: (door: { principal: Principal; folder: string }) => Promise<Door>;
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds on the cloud's clock. */
  readonly expiresAt: number;
  readonly principal: Principal;
}

export interface SessionIssuer {
  /**
   * A session of the role for a service principal such as `codebuild.amazonaws.com`, on behalf of the resource `sourceArn`;
   * AccessDenied where the role's trust policy does not allow it.
   */
  assumeForService(service: string, roleArn: string, sessionName: string, sourceArn?: string): SessionCredentials;
}

/** A Terraform provider address: the value for `TF_REATTACH_PROVIDERS`, and how to shut it. */
export interface Door {
  readonly reattach: string;
  close(): Promise<void>;
}
