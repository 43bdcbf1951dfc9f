// A hundred thousand requests that are wrong, at the whole cloud: each gets an error of its sender, and nothing changes.
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import type { Service } from '../kernel/service.ts';
import { loadServices } from '../services/index.ts';
import { valueOf } from './arbitrary.ts';
import { loadWireModel } from './schemas.ts';
import { isPlain, sdkRequest, type SdkRequest } from './sdk-speaker.ts';
import { sendSigned, type HandMade } from './signed-request.ts';

const REQUESTS = 100_000;
const AT_ONCE = 32;

/** Different right requests for each operation and protocol, of which the wrong ones are made. */
const SAMPLES = 2;

const services: Service[] = [];
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
let cloud: Cloud;

beforeAll(async () => {
  const factories = (await loadServices()).map((create) => (kernel: Parameters<typeof create>[0]) => {
    const service = create(kernel);
    services.push(service);
    return service;
  });
  cloud = await startCloud({ services: factories });
});
afterAll(async () => {
  agent.destroy();
  await cloud.stop();
});

/** Makes a request wrong, in one way; `pick` answers a number below its argument. */
type Spoil = (right: SdkRequest, pick: (below: number) => number) => HandMade & { readonly secret?: string };

const BAD_UTF8 = Buffer.from([0xc3, 0x28, 0xff]);
const DEEP = 2_000;

const withBody = (right: SdkRequest, body: Buffer): HandMade => ({ ...right, body });

/** Wrong whoever signs it. */
const FOR_ALL: readonly Spoil[] = [
  (right) => ({ ...right, secret: 'not the secret' }),
  (right) => ({ ...right, signedAt: Date.now() - 3_600_000 }),
  (right) => ({ ...right, payload: '0'.repeat(64) }),
  (right) => ({ ...right, path: `${right.path}${right.path.includes('?') ? '&' : '?'}a=%zz%c3` }),
  (right, pick) => ({ ...right, method: 'PATCH', path: `/${['..', '%2e%2e', '....', '%00'][pick(4)]}/etc/passwd` }),
];

/** Each member, or the whole, becomes something of another kind. */
const wrongKind: Spoil = (right, pick) => {
  const members = Object.entries(JSON.parse(right.body.toString() || '{}') as object);
  const [name, value] = members[pick(Math.max(members.length, 1))] ?? [];
  if (name === undefined) return withBody(right, Buffer.from('[]'));
  const other = typeof value === 'object' ? 7.5 : [[{}]];
  return withBody(right, Buffer.from(JSON.stringify({ ...Object.fromEntries(members), [name]: other })));
};

const DOCUMENT_SPOILS: readonly Spoil[] = [
  wrongKind,
  wrongKind,
  (right, pick) => withBody(right, right.body.subarray(0, pick(Math.max(right.body.length, 1)) || 1)),
  (right) => withBody(right, Buffer.concat([Buffer.from('{"a":"'), BAD_UTF8, Buffer.from('"}')])),
  (right) => withBody(right, Buffer.from(`{"a":${'['.repeat(DEEP)}`)),
];

const RPC_SPOILS: readonly Spoil[] = [
  ...DOCUMENT_SPOILS,
  (right) => ({ ...right, headers: { ...right.headers, 'x-amz-target': `${right.headers['x-amz-target']}Not` } }),
];

const CBOR_SPOILS: readonly Spoil[] = [
  // One byte is a whole map where it is empty.
  (right, pick) =>
    withBody(right, right.body.length > 1 ? right.body.subarray(0, 1 + pick(right.body.length - 1)) : Buffer.of(0xa1)),
  (right) => withBody(right, Buffer.alloc(DEEP, 0x81)),
  (right) => withBody(right, Buffer.from([0x01])),
];

const FORM_SPOILS: readonly Spoil[] = [
  (right) => withBody(right, Buffer.from('Action=Nothing&Version=2010-05-08')),
  (right) => withBody(right, Buffer.concat([right.body, Buffer.from(`&${'a.1.'.repeat(DEEP)}b=1`)])),
  (right) => withBody(right, Buffer.from('Version=2010-05-08&x=%ff%fe')),
];

const XML_SPOILS: readonly Spoil[] = [
  (right) => withBody({ ...right, method: 'PUT', path: '/bucket?versioning=' }, Buffer.from('<a><b></a>')),
  (right) => withBody({ ...right, method: 'PUT', path: '/bucket?tagging=' }, Buffer.from('<a>'.repeat(DEEP))),
  (right) => withBody({ ...right, method: 'POST', path: '/bucket?delete=' }, BAD_UTF8),
];

/** The ways in which a request can be wrong. */
function spoilsOf({ protocol, body }: SdkRequest): readonly Spoil[] {
  switch (protocol) {
    case 'cbor':
      return [...FOR_ALL, ...CBOR_SPOILS];
    case 'query':
      return [...FOR_ALL, ...FORM_SPOILS];
    case 'rest-xml':
      return [...FOR_ALL, ...XML_SPOILS];
    case 'rest-json':
      // A document is no part of every request there: some have bytes of their own, which may begin like one.
      return isDocument(body) ? [...FOR_ALL, ...DOCUMENT_SPOILS] : FOR_ALL;
    default:
      return [...FOR_ALL, ...RPC_SPOILS];
  }
}

function isDocument(body: Buffer): boolean {
  try {
    return typeof JSON.parse(body.toString()) === 'object';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

test(`${REQUESTS} wrong requests are refused, one by one`, { timeout: 900_000 }, async () => {
  const rights = (await Promise.all(services.map((service, index) => rightRequests(service, index)))).flat();
  const before = contents();
  const pick = randomNumbers(1);
  const wrong: string[] = [];
  let sent = 0;
  const work = async () => {
    while (sent++ < REQUESTS) {
      const right = rights[pick(rights.length)]!;
      const spoils = spoilsOf(right);
      const which = pick(spoils.length);
      const { secret, ...made } = spoils[which]!(right, pick);
      const { accessKeyId, secretAccessKey } = cloud.credentials;
      const credentials = { accessKeyId, secretAccessKey: secret ?? secretAccessKey };
      const { status, body } = await sendSigned({ port: cloud.port, credentials, agent }, made);
      if (status >= 400 && (status < 500 || status === 501)) continue;
      wrong.push(`${right.service} ${right.protocol} ${which} ${made.path}: ${status} ${body.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(contents()).toBe(before);
});

/** A few right requests for each operation, in each protocol that the service is spoken to in. */
async function rightRequests({ name, client, operations }: Service, seed: number): Promise<SdkRequest[]> {
  const model = await loadWireModel(client);
  const protocols = model.protocol.startsWith('json') ? [model.protocol, 'cbor' as const] : [model.protocol];
  const known = [...model.operations.values()].filter((each) => each.name in operations && isPlain(each));
  const requests = known.flatMap((operation) =>
    protocols.flatMap((protocol) =>
      fc
        .sample(valueOf(operation.input), { numRuns: SAMPLES, seed })
        .map((input) => sdkRequest(name, protocol, model, operation, input)),
    ),
  );
  // What HTTP cannot carry in a header no client sends.
  return (await Promise.all(requests)).filter(({ headers }) =>
    Object.values(headers).every((value) => /^[\x20-\x7e]*$/.test(value)),
  );
}

/** What is none of a refused request's doing: the cloud's counters, and what services measured of the refusal. */
const COUNTED: Readonly<Record<string, string>> = {
  documents: "WHERE collection <> 'kernel.meter'",
  cloudwatch_metrics: "WHERE namespace NOT LIKE 'AWS/%'",
  cloudwatch_datapoints: "WHERE metric IN (SELECT id FROM cloudwatch_metrics WHERE namespace NOT LIKE 'AWS/%')",
};

/** Everything that the cloud has stored, but for what it counts and its trail of calls. */
function contents(): string {
  const { store } = cloud.kernel;
  const hash = createHash('sha256');
  const tables = store
    .sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'trail' ORDER BY name")
    .all();
  for (const { name } of tables) {
    const counted = COUNTED[String(name)] ?? '';
    for (const row of store.sql(`SELECT * FROM "${String(name)}" ${counted}`).iterate()) {
      for (const value of Object.values(row)) hash.update(`${String(value)}\n`);
    }
  }
  return hash.digest('hex');
}

/** The same numbers in every run. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}
