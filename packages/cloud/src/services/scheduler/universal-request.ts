// The request of a universal target: JSON with the members' names in PascalCase, whatever case the API itself has.
import type { NormalizedSchema } from '@smithy/core/schema';

import { checkShape, InvalidInput } from '../../wire/check.ts';
import { requiredMembers } from '../../wire/schemas.ts';
import { validation } from './errors.ts';

/** Reads it into the SDK's type; throws ValidationException for what the operation would not take. */
export function readRequest(schema: NormalizedSchema, text = '{}'): object {
  if (schema.isUnitSchema()) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('The request payload is no JSON');
    throw error;
  }
  if (!isRecord(parsed)) throw invalid('The request payload is no JSON object');
  const missing = requiredMembers(schema)
    .map(pascal)
    .filter((name) => (parsed[name] ?? null) === null);
  if (missing.length > 0) throw invalid(`Request payload is missing the following field(s): ${missing.join(', ')}`);
  const request = convert(schema, parsed) as object;
  try {
    checkShape(schema, request);
  } catch (error) {
    if (error instanceof InvalidInput) throw invalid(error.message);
    throw error;
  }
  return request;
}

function convert(schema: NormalizedSchema, value: unknown): unknown {
  if (schema.isDocumentSchema()) return value;
  if (Array.isArray(value) && schema.isListSchema()) return value.map((item) => convert(schema.getValueSchema(), item));
  if (isRecord(value) && schema.isMapSchema()) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, convert(schema.getValueSchema(), item)]),
    );
  }
  if (isRecord(value) && schema.isStructSchema()) return structure(schema, value);
  if (schema.isBlobSchema() && typeof value === 'string') return Buffer.from(value);
  if (schema.isTimestampSchema() && typeof value === 'number') return new Date(value * 1_000);
  if (schema.isTimestampSchema() && typeof value === 'string') return new Date(value);
  return value;
}

function structure(schema: NormalizedSchema, value: Readonly<Record<string, unknown>>): object {
  const members = new Map([...schema.structIterator()].map(([name, member]) => [pascal(name), { name, member }]));
  return Object.fromEntries(
    Object.entries(value).map(([given, item]) => {
      // The SDKs for Java, whose names these are, write `SseSpecification` where the API has `SSESpecification`.
      const found =
        members.get(given) ??
        [...members].find(([name]) => given[0] === name[0] && name.toLowerCase() === given.toLowerCase())?.[1];
      if (!found) throw invalid(`The field ${given} is not supported`);
      return [found.name, convert(found.member, item)];
    }),
  );
}

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (reason: string) => validation(`Invalid RequestJson provided. Reason ${reason}.`);
