// The shape of a table as the compiler checks it: every key is a declared attribute, every declared attribute is used.

export type AttributeName = string;

/** `epoch-seconds` is a number that may serve as time to live: DynamoDB ignores any other format, silently. */
export type AttributeType = 'string' | 'number' | 'binary' | 'epoch-seconds';

export interface KeyShape {
  /** The attribute that decides where an item lives. */
  readonly partitionKey: AttributeName;
  /** The attribute that orders items of one partition key. @default one item for each partition key */
  readonly sortKey?: AttributeName;
}

export interface IndexShape extends KeyShape {
  /** Which attributes the index carries besides its keys. @default 'all' */
  readonly project?: 'all' | 'keys' | readonly AttributeName[];
}

export interface TableShape extends KeyShape {
  /** Every attribute that a key, an index or the time to live names, with its type. */
  readonly attributes: Readonly<Record<AttributeName, AttributeType>>;
  /** Global secondary indexes by name. @default none */
  readonly indexes?: Readonly<Record<string, IndexShape>>;
  /** The attribute after whose time an item expires; its type has to be `epoch-seconds`. @default items stay */
  readonly timeToLive?: AttributeName;
}

/** What a table's props have to be, given what they are; the compiler reports the difference. */
export type CheckedTable<P extends TableShape> = {
  readonly partitionKey: KeyName<P>;
  readonly sortKey?: KeyName<P>;
  readonly indexes?: { readonly [N in keyof P['indexes']]: CheckedIndex<P> };
  readonly timeToLive?: NamesOf<P, 'epoch-seconds'>;
  readonly attributes: { readonly [N in Unused<P>]: `attribute ${N} is used by no key, index or time to live` };
};

interface CheckedIndex<P extends TableShape> {
  readonly partitionKey: KeyName<P>;
  readonly sortKey?: KeyName<P>;
  readonly project?: 'all' | 'keys' | readonly Name<P>[];
}

type Name<P extends TableShape> = keyof P['attributes'] & string;

type NamesOf<P extends TableShape, T extends AttributeType> = {
  [N in Name<P>]: P['attributes'][N] extends T ? N : never;
}[Name<P>];

type KeyName<P extends TableShape> = NamesOf<P, AttributeType>;

type Unused<P extends TableShape> = Exclude<Name<P>, UsedIn<P> | UsedInIndexes<P>>;

type UsedIn<K> =
  | Member<K, 'partitionKey'>
  | Member<K, 'sortKey'>
  | Member<K, 'timeToLive'>
  | Elements<Member<K, 'project'>>;

type UsedInIndexes<P> = P extends { readonly indexes: infer I } ? { [N in keyof I]: UsedIn<I[N]> }[keyof I] : never;

type Member<K, N extends string> = K extends { readonly [M in N]: infer V } ? V : never;

type Elements<V> = V extends readonly (infer E)[] ? E : never;
