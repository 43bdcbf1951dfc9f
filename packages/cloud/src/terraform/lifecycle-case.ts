// What a service says of a Terraform type, so that one test can lead it through its whole life.

/** A block's arguments as Terraform's JSON syntax has them; `${…}` refers to other blocks. */
export type Body = Readonly<Record<string, unknown>>;

/** Blocks by type and name. */
export type Blocks = Readonly<Record<string, Readonly<Record<string, Body>>>>;

/**
 * One resource and its life: created, planned again, changed, planned again, forgotten and imported, planned again,
 * destroyed. A service exports its cases as `lifecycleCases` from `lifecycle.cases.ts`; every type needs at least one.
 */
export interface LifecycleCase {
  /** E.g. `aws_s3_bucket`. */
  readonly type: string;
  /** The resource's name in Terraform, unique among all cases; write `${aws_s3_bucket.<name>.id}` to refer to it. */
  readonly name: string;
  /** Resources that it needs, under names that no other case uses. */
  readonly support?: Blocks;
  readonly data?: Blocks;
  /** Files beside the configuration, by relative path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly config: Body;
  /** What the configuration becomes; `change` says what hashicorp/aws makes of that. */
  readonly changed: Body;
  readonly change: 'update' | 'replace';
  /** Attributes that the state has after the first apply, among others. */
  readonly expected: Body;
  /** Attributes that the state has after the change, among others. */
  readonly expectedAfterChange?: Body;
  /** The id for `terraform import`, from the state's attributes. @default the attribute `id` */
  readonly importId?: (attributes: Readonly<Record<string, any>>) => string;
  /** Attributes that nobody can read back from AWS, which therefore differ after an import, with hashicorp/aws as well. */
  readonly lostByImport?: readonly string[];
  /** Computed attributes that AWS tells once, at the creation, and never again: after an import they stay unset. */
  readonly toldOnce?: readonly string[];
}
