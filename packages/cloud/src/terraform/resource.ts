// What a Terraform type is to the bridge: how to create, read, change and delete one thing, said in API operations.
import type { Operation, Operations } from '../kernel/service.ts';

/** An attribute's value as Terraform's wire carries it; `undefined` is written as null, sets and lists are arrays. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value };

/**
 * A resource's attributes and blocks by name, Terraform's spelling. Unknown values never reach a handler: what is not known
 * yet is absent. Blocks are arrays of objects, a single nested block is an object or null.
 */
export type Attributes = { readonly [name: string]: any };

/** Runs a service's operations as the Terraform caller, with the SDK's types: `await s3('PutBucketVersioning', {…})`. */
export type Client<O extends Operations> = <Name extends keyof O & string>(
  name: Name,
  input: O[Name] extends Operation<infer Input, any> ? Input : never,
) => Promise<O[Name] extends Operation<any, infer Output> ? Output : never>;

export interface ResourceContext {
  readonly region: string;
  readonly account: string;
  /** Where relative paths of the configuration start: the folder in which Terraform runs. */
  readonly folder: string;
  /** Of the resource's region, unless another one is named. */
  client<O extends Operations>(service: string, region?: string): Client<O>;
  /** Aborted once Terraform is interrupted: what waits for something stops waiting, what is nearly done is finished. */
  readonly signal: AbortSignal;
  /**
   * Within `create`, says that the thing exists from now on, with the attributes by which `read` and `delete` find it.
   * Should a later step fail, Terraform then keeps the thing as tainted instead of forgetting it.
   */
  readonly created: (attributes: Attributes) => void;
}

/**
 * A resource type. Handlers observe, then change what differs, through API operations, so that IAM decides and the trail
 * records for Terraform as for everyone.
 *
 * Tags: a handler sees and answers `tags_all` only, the resource's tags with the provider's defaults; `tags` is the
 * bridge's. Region: `context.region` is the resource's own, a handler neither reads nor answers `region`.
 */
export interface ResourceType {
  /** E.g. `aws_s3_bucket`. */
  readonly type: string;
  /** Attributes whose change destroys and creates anew (dotted for nested ones), as hashicorp/aws marks them "Forces new resource". */
  readonly replace: readonly string[];
  /** Further attributes whose change does so, given prior and planned, where it depends on the values. */
  readonly replaceIf?: (prior: Attributes, planned: Attributes) => readonly string[];
  /** Values that hashicorp/aws gives optional attributes that are left out (dotted for nested ones). */
  readonly defaults?: Readonly<Record<string, Value>>;
  /**
   * What optional computed attributes go back to once the configuration leaves them out (dotted for nested ones, not within
   * sets); `null` where AWS says what. Other such attributes keep what the resource has.
   */
  readonly resets?: Readonly<Record<string, Value>>;
  /** Blocks that hashicorp/aws computes where the configuration has none: they keep what the resource has. */
  readonly computedBlocks?: readonly string[];
  /** Attributes whose text is a JSON document: equal documents are no change. Policies are compared as policies unasked. */
  readonly json?: readonly string[];
  /** Texts that a plan compares, by path, as hashicorp/aws suppresses differences: true where the next one is no change of the one before. */
  readonly same?: Readonly<Record<string, (before: string, next: string) => boolean>>;
  /** Refuses what hashicorp/aws refuses at plan time; answers sentences, each with the attribute it speaks of (dotted, `rule.0.id`). */
  readonly validate?: (config: Attributes) => readonly { readonly attribute: string; readonly message: string }[];
  /** Throws a `UserError` for a change that hashicorp/aws refuses at plan time, given prior and planned. */
  readonly checkChange?: (prior: Attributes, planned: Attributes) => void;
  /** Computed attributes that an update changes, given prior and planned; they become unknown in its plan. */
  readonly recomputes?: (prior: Attributes, planned: Attributes) => readonly string[];
  /** Whether the configuration says that the provider's default tags are not for this resource. */
  readonly refusesDefaultTags?: (attributes: Attributes) => boolean;
  /** Creates, and answers at least the attributes by which `read` finds it (usually `id`). */
  readonly create: (planned: Attributes, context: ResourceContext) => Promise<Attributes>;
  /**
   * Everything as it is now, or null where it is gone. `state` is the last known state, or what `importState` answered.
   * An attribute that the answer leaves out keeps the value it has in the state: what only Terraform knows, such as
   * `force_destroy`, needs no mention. One that is `undefined` or null is unset.
   */
  readonly read: (state: Attributes, context: ResourceContext) => Promise<Attributes | null>;
  /** Changes what differs between prior and planned. Left out where every change replaces. */
  readonly update?: (prior: Attributes, planned: Attributes, context: ResourceContext) => Promise<void>;
  readonly delete: (state: Attributes, context: ResourceContext) => Promise<void>;
  /** From the id given to `terraform import`, without its `@region`, to a state that `read` can complete. @default `{ id }` */
  readonly importState?: (id: string, context: ResourceContext) => Attributes;
}

export interface DataSourceType {
  /** E.g. `aws_caller_identity`. */
  readonly type: string;
  /** As for resources. */
  readonly validate?: ResourceType['validate'];
  readonly read: (config: Attributes, context: ResourceContext) => Promise<Attributes>;
}
