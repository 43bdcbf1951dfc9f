// Looks at the files of a cloud that rests: what is damaged, in a sentence each.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { hasBytes, isDamage } from './kernel/damage.ts';
import { STORE_FILE } from './kernel/store.ts';
import { blobName } from './services/s3/blobs.ts';

/** What is wrong with a cloud's folder; nothing where there is no cloud in it. Throws where the cloud runs. */
export function inspectState(folder: string): string[] {
  const regions = existsSync(join(folder, 'dynamodb'))
    ? readdirSync(join(folder, 'dynamodb')).filter((name) => name.endsWith('.sqlite'))
    : [];
  if (!hasBytes(join(folder, STORE_FILE))) {
    const left = [...regions.map((name) => `dynamodb/${name}`), ...(existsSync(join(folder, 's3')) ? ['s3'] : [])];
    return left.length === 0 ? [] : [`${STORE_FILE} is missing or empty, though there is ${left.join(' and ')}`];
  }
  const problems = [STORE_FILE, ...regions.map((name) => `dynamodb/${name}`)].flatMap((name) => checkOne(folder, name));
  return problems.length > 0 ? problems : [...missingTables(folder), ...missingObjects(folder)];
}

function checkOne(folder: string, name: string): string[] {
  const found = query(folder, name, 'PRAGMA quick_check(1)');
  if (typeof found === 'string') return [found];
  const text = String(Object.values(found[0] ?? {})[0]);
  return text === 'ok' ? [] : [`${name}: ${text}`];
}

function missingTables(folder: string): string[] {
  const rows = query(folder, STORE_FILE, "SELECT key AS name FROM documents WHERE collection = 'dynamodb.tables'");
  if (typeof rows === 'string') return [rows];
  const regions = new Set(rows.map((row) => (row['name'] as string).split('/')[0]!));
  return [...regions]
    .filter((region) => !hasBytes(join(folder, 'dynamodb', `${region}.sqlite`)))
    .map((region) => `dynamodb/${region}.sqlite is missing or empty, and with it its tables`);
}

function missingObjects(folder: string): string[] {
  const kept = query(folder, STORE_FILE, "SELECT 1 FROM sqlite_schema WHERE name = 's3_blobs'");
  if (typeof kept === 'string' || kept.length === 0) return [];
  const rows = query(folder, STORE_FILE, 'SELECT id FROM s3_blobs WHERE refs > 0 AND bytes IS NULL');
  if (typeof rows === 'string') return [rows];
  const missing = rows.map((row) => blobName(Number(row['id']))).filter((name) => !existsSync(join(folder, name)));
  return missing.length === 0
    ? []
    : [`the bytes of ${missing.length} objects or parts are missing: ${missing[0]}, say`];
}

/** Rows, or what is wrong with the file. */
function query(folder: string, name: string, sql: string): Record<string, unknown>[] | string {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(folder, name), { readOnly: true });
    return database.prepare(sql).all();
  } catch (error) {
    if (isDamage(error)) return `${name}: ${(error as Error).message}`;
    throw error;
  } finally {
    database?.close();
  }
}
