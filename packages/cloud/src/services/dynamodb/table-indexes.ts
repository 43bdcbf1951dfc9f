// How an aws_dynamodb_table's global secondary indexes get from what they are to what they should be.
import type { GlobalSecondaryIndexUpdate } from '@aws-sdk/client-dynamodb';

import type { Attributes } from '../../terraform/resource.ts';
import { capacity, globalIndex, onDemandThroughput, provisioned } from './table-input.ts';

/** Changes in the order in which AWS takes them, each for an update of its own. */
export function indexChanges(prior: Attributes, planned: Attributes): GlobalSecondaryIndexUpdate[] {
  const before = byName(prior);
  const after = byName(planned);
  const isProvisioned = provisioned(planned);
  const anew = [...after].filter(([name, index]) => {
    const former = before.get(name);
    return !former || shape(former) !== shape(index);
  });
  const gone = [...before.keys()].filter((name) => !after.has(name) || anew.some(([other]) => other === name));
  const retuned = [...after].filter(([name, index]) => {
    const former = before.get(name);
    return former && shape(former) === shape(index) && units(former, isProvisioned) !== units(index, isProvisioned);
  });
  return [
    ...gone.map((name) => ({ Delete: { IndexName: name } })),
    ...anew.map(([, index]) => ({ Create: globalIndex(index, isProvisioned) })),
    ...retuned.map(([name, index]) => ({ Update: { IndexName: name, ...throughput(index, isProvisioned) } })),
  ];
}

const byName = (config: Attributes): Map<string, Attributes> =>
  new Map((config['global_secondary_index'] as Attributes[]).map((index) => [index['name'] as string, index]));

/** What cannot be changed in an index that exists. */
const shape = (index: Attributes): string => {
  const { KeySchema, Projection } = globalIndex(index, false);
  return JSON.stringify([KeySchema, Projection?.ProjectionType, Projection?.NonKeyAttributes?.toSorted()]);
};

const units = (index: Attributes, isProvisioned: boolean): string => JSON.stringify(throughput(index, isProvisioned));

const throughput = (index: Attributes, isProvisioned: boolean) =>
  isProvisioned
    ? { ProvisionedThroughput: capacity(index) }
    : { OnDemandThroughput: onDemandThroughput(index) ?? { MaxReadRequestUnits: -1, MaxWriteRequestUnits: -1 } };
