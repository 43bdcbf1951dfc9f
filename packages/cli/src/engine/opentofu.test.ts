// Fetching the engine, from a mirror of the test's own.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { strToU8, zipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { fetchOpentofu, OPENTOFU, type Release } from './opentofu.ts';

const archive = zipSync({ LICENSE: strToU8('…'), tofu: strToU8('#!/bin/sh\necho "OpenTofu v1.99.0"\n') });
const platforms = Object.keys(OPENTOFU.sha256);
const released = (bytes: Uint8Array): Release => {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { version: '1.99.0', sha256: Object.fromEntries(platforms.map((platform) => [platform, sha256])) };
};

let mirror: Server;
let folder: string;
let variables: Record<string, string>;
const asked: string[] = [];

beforeAll(async () => {
  mirror = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(url.includes('1.99.0') ? 200 : 404).end(archive);
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  variables = { PLINTH_ENGINE_MIRROR: `http://127.0.0.1:${(mirror.address() as AddressInfo).port}` };
});
afterAll(() => mirror.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-engine-'));
  asked.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a release is fetched once, and runs', async () => {
  const path = await fetchOpentofu(folder, variables, released(archive));
  expect(execFileSync(path, { encoding: 'utf8' })).toBe('OpenTofu v1.99.0\n');
  expect(await fetchOpentofu(folder, variables, released(archive))).toBe(path);
  expect(asked).toEqual([expect.stringMatching(/^\/v1\.99\.0\/tofu_1\.99\.0_(linux|darwin)_(amd64|arm64)\.zip$/)]);
});

test('an archive that is not what was released is refused and leaves nothing', async () => {
  const other = released(strToU8('another archive'));
  await expect(fetchOpentofu(folder, variables, other)).rejects.toThrow('has the SHA-256');
  expect(readdirSync(folder)).toEqual([]);
});

test('a mirror without the release is named', async () => {
  const url = `${variables['PLINTH_ENGINE_MIRROR']}/v${OPENTOFU.version}/`;
  await expect(fetchOpentofu(folder, variables)).rejects.toThrow(url);
  expect(existsSync(join(folder, `opentofu-${OPENTOFU.version}`))).toBe(false);
});
