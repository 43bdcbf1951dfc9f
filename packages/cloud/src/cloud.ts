// A cloud: its kernel, its services and its door to the world, started together and stopped together.
import { randomBytes } from 'node:crypto';

import packageJson from '../package.json' with { type: 'json' };
import { createInvoke, liveOperation } from './calls.ts';
import { Clock } from './kernel/clock.ts';
import { DamagedStateError, isDamage } from './kernel/damage.ts';
import { Feed } from './kernel/feed.ts';
import { createIdentity } from './kernel/identity/identity.ts';
import { rootPrincipal } from './kernel/identity/principal.ts';
import { silentLog, type Log } from './kernel/log.ts';
import { Meter } from './kernel/meter.ts';
import type { Kernel, Service } from './kernel/service.ts';
import { Store, STORE_FILE } from './kernel/store.ts';
import { loadServices, type ServiceFactory } from './services/index.ts';
import { ADMIN_PREFIX, createAdmin } from './wire/admin.ts';
import { createHandler } from './wire/handler.ts';
import { listen } from './wire/http.ts';

export interface CloudOptions {
  /** Where the cloud keeps its state; left out, it lives in memory and ends with the process. */
  readonly folder?: string;
  /** @default 0, any free port */
  readonly port?: number;
  /** Twelve digits; a folder keeps the account that it was begun with. @default the folder's, or '000000000000' */
  readonly account?: string;
  /** @default every service that the cloud has */
  readonly services?: readonly ServiceFactory[];
  /** @default silence */
  readonly log?: Log;
  /** What `/_plinth/*` asks for. @default random */
  readonly token?: string;
}

export interface Cloud {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly port: number;
  /** The administrator's, who stands for the account's root. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly token: string;
  readonly kernel: Kernel;
  readonly clock: Clock;
  /** Resolves once the cloud has stopped, whoever stopped it. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cloud on 127.0.0.1. Many may run in one process, each with its own store, clock and port. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  if (options.account !== undefined && !/^\d{12}$/.test(options.account)) {
    throw new RangeError(`'${options.account}' is no account: it has twelve digits`);
  }
  const factories = options.services ?? (await loadServices());
  const store = new Store(options.folder);
  let clock: Clock | undefined;
  try {
    clock = new Clock(store);
    return await startOn(store, clock, factories, options);
  } catch (error) {
    clock?.stop();
    store.close();
    throw isDamage(error) ? new DamagedStateError(`${STORE_FILE}: ${(error as Error).message}`) : error;
  }
}

async function startOn(
  store: Store,
  clock: Clock,
  factories: readonly ServiceFactory[],
  options: CloudOptions,
): Promise<Cloud> {
  const { log = silentLog, token = randomBytes(32).toString('hex') } = options;
  const meter = new Meter(store);
  const identity = createIdentity({ store, clock, account: options.account });
  const services = new Map<string, Service>();
  const { account, administrator, sessions } = identity;
  const doors = lazy(async () => (await import('./terraform/door.ts')).createDoors(kernel, services));
  let endpoint = '';
  const kernel: Kernel = {
    store,
    clock,
    meter,
    log,
    account,
    identity,
    sessions,
    calls: new Feed(),
    events: new Feed(),
    measurements: new Feed(),
    arrivals: new Feed(),
    endpoint: () => endpoint,
    invoke: createInvoke(() => kernel, services),
    requireLive: (...wanted) => void liveOperation(services, ...wanted),
    openDoor: async (door) => (await doors.get()).open(door),
  };
  for (const create of factories) {
    const service = create(kernel);
    services.set(service.name, service);
  }
  const stopped = Promise.withResolvers<void>();
  const admin = createAdmin(kernel, {
    token,
    version: packageJson.version,
    startedAt: Date.now(),
    services: () => [...services.keys()],
    stop: () => void stop(),
    administrator: rootPrincipal(account),
    describeResource: (...question) => {
      for (const service of services.values()) {
        const facts = service.describeResource?.(...question);
        if (facts) return facts;
      }
      return undefined;
    },
    ask: (name, query) => {
      for (const { questions } of services.values()) {
        const answer = questions?.[name];
        if (answer) return answer(query);
      }
      return undefined;
    },
  });
  const handle = createHandler(kernel, services);
  const ready = Promise.withResolvers<void>();
  const server = await listen(
    options.port ?? 0,
    async (request, source) => {
      await ready.promise;
      if (request.path.startsWith(ADMIN_PREFIX)) return admin(request, source);
      for (const service of services.values()) {
        const answer = service.serve?.(request, source);
        if (answer) return answer;
      }
      return handle(request, source);
    },
    { log, now: () => clock.now() },
  );
  endpoint = `http://127.0.0.1:${server.port}`;
  const stopServices = async () => {
    for (const service of [...services.values()].toReversed()) await service.stop?.();
  };
  try {
    for (const service of services.values()) await service.start?.();
  } catch (error) {
    await server.close();
    await stopServices();
    throw error;
  }
  ready.resolve();

  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= shut());
  const shut = async () => {
    await server.close();
    await (await doors.current())?.close();
    await stopServices();
    clock.stop();
    meter.flush();
    store.close();
    stopped.resolve();
  };
  return {
    endpoint,
    port: server.port,
    credentials: administrator,
    token,
    kernel,
    clock,
    stopped: stopped.promise,
    stop,
  };
}

/** Something made at its first use, such as the Terraform door, whose libraries would slow the start. */
function lazy<T>(make: () => Promise<T>) {
  let made: Promise<T> | undefined;
  return { get: () => (made ??= make()), current: () => made };
}
