// Writes packages/cloud/src/terraform/schema.json for the supported types, from the bindings in @cdktn/provider-aws.
//
//   node packages/cloud/scripts/extract-schema.ts [--reference <file>]
//
// What the bindings leave out (schema versions, sensitive attributes, limits above one) comes from the excerpt of a real
// provider's own schema in src/terraform/reference. `--reference` renews that excerpt, which a new type needs: from the
// output of `terraform providers schema -json` reduced to `{ version, resource_schemas, data_source_schemas }` of
// hashicorp/aws, gzipped or not.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import type { ProviderSchema } from '../src/terraform/schema.ts';
import { extractSchema, printSchema } from './extract.ts';
import { excerpt, readReference } from './reference.ts';
import { DATA_SOURCE_TYPES, RESOURCE_TYPES } from './supported-types.ts';

const TARGET = new URL('../src/terraform/schema.json', import.meta.url);
const REFERENCE = new URL('../src/terraform/reference/schema.json', import.meta.url);

const { values } = parseArgs({ options: { reference: { type: 'string' } } });
if (values.reference) {
  writeFileSync(REFERENCE, printSchema(excerpt(readReference(values.reference), RESOURCE_TYPES, DATA_SOURCE_TYPES)));
}
const reference = JSON.parse(readFileSync(REFERENCE, 'utf8')) as ProviderSchema;
writeFileSync(TARGET, printSchema(extractSchema(reference)));
