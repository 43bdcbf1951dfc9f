// JSON by schema, both ways.
import { JsonShapeDeserializer2, JsonShapeSerializer } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Schema } from '@smithy/types';

import { InvalidInput } from './check.ts';

export type JsonSettings = ConstructorParameters<typeof JsonShapeDeserializer2>[0];

/** How AWS JSON 1.0 and 1.1 write shapes. */
export const AWS_JSON: JsonSettings = { timestampFormat: { useTrait: true, default: 7 }, jsonName: false };

/** How REST-JSON writes them: members may have other names. */
export const REST_JSON: JsonSettings = { timestampFormat: { useTrait: true, default: 7 }, jsonName: true };

/** Reads JSON into the SDK's type; no text is an empty structure. Rejects where it is no JSON. */
export const readJson = (schema: NormalizedSchema, text: string, settings: JsonSettings): Promise<unknown> =>
  new Reader(settings).read(schema, text);

export function writeJson(schema: NormalizedSchema, value: unknown, settings: JsonSettings): string {
  if (schema.isUnitSchema()) return '{}';
  const serializer = new JsonShapeSerializer(settings);
  serializer.write(schema, value);
  return serializer.flush();
}

// The SDK's reader takes a list for a structure without members.
class Reader extends JsonShapeDeserializer2 {
  protected override _read(schema: Schema, value: unknown): unknown {
    const ns = NormalizedSchema.of(schema);
    if (Array.isArray(value) && (ns.isStructSchema() || ns.isMapSchema())) {
      throw new InvalidInput('type', `A list stands where ${ns.getName() ?? 'a structure'} belongs`);
    }
    return super._read(schema, value);
  }
}
