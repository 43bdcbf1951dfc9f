// Doors into the cloud for Terraform: addresses at which an unmodified Terraform or OpenTofu finds its provider hashicorp/aws.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

import type { Door, Kernel, Service } from '../kernel/service.ts';
import { Connection, type DoorOptions } from './connection.ts';
import { createProvider, type Rpc } from './provider.ts';
import { schemaMessage } from './schema-message.ts';
import { findSupported, type Supported } from './supported.ts';

export interface Doors {
  open(options: DoorOptions): Promise<Door>;
  close(): Promise<void>;
}

/** Both engines look for the provider under its address in their own registry. */
const PROVIDERS = ['registry.terraform.io/hashicorp/aws', 'registry.opentofu.org/hashicorp/aws'];

/** A socket's path has to fit into 104 bytes on macOS, 108 on Linux, with its terminating zero. */
const LONGEST_SOCKET_PATH = 103;

const MESSAGE_LIMIT = 256 * 1024 * 1024;

const FOLDER_PREFIX = 'plinth-door-';

/** Doors of one cloud. What the services support is taken when the first door opens. */
export function createDoors(kernel: Kernel, services: ReadonlyMap<string, Service>): Doors {
  const open = new Set<Door>();
  let protocol: Protocol | undefined;
  return {
    async open(options) {
      protocol ??= loadProtocol(findSupported(services));
      const door = await openDoor(kernel, protocol, options, () => open.delete(door));
      open.add(door);
      return door;
    },
    async close() {
      await Promise.all([...open].map((door) => door.close()));
    },
  };
}

interface Protocol {
  readonly supported: Supported;
  readonly service: grpc.ServiceDefinition;
  /** The answer to GetProviderSchema, encoded once: every command of Terraform asks for it. */
  readonly schema: Buffer;
}

function loadProtocol(supported: Supported): Protocol {
  sweepFolders();
  const file = fileURLToPath(new URL('./tfplugin6.proto', import.meta.url));
  const definition = loadSync(file, { keepCase: true, longs: Number, defaults: false });
  const service = definition['tfplugin6.Provider'] as grpc.ServiceDefinition;
  const getSchema = service['GetProviderSchema'];
  if (!getSchema) throw new Error('the protocol has no GetProviderSchema');
  const schema = getSchema.responseSerialize({
    provider: schemaMessage(supported.provider),
    resource_schemas: Object.fromEntries(
      [...supported.resources].map(([name, { schema }]) => [name, schemaMessage(schema)]),
    ),
    data_source_schemas: Object.fromEntries(
      [...supported.dataSources].map(([name, { schema }]) => [name, schemaMessage(schema)]),
    ),
    server_capabilities: { get_provider_schema_optional: true },
  });
  return {
    supported,
    service: { ...service, GetProviderSchema: { ...getSchema, responseSerialize: (encoded: Buffer) => encoded } },
    schema,
  };
}

async function openDoor(kernel: Kernel, protocol: Protocol, options: DoorOptions, forget: () => void): Promise<Door> {
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  const path = join(folder, 'provider.sock');
  const sockets = new Map<Socket, grpc.Server>();
  // Terraform opens one connection for each configuration of the provider. A gRPC server of its own for each connection
  // tells them apart: what ConfigureProvider says is then said to that connection's server alone.
  const listener = createServer((socket) => {
    const server = serve(kernel, protocol, options);
    sockets.set(socket, server);
    socket.on('close', () => {
      sockets.delete(socket);
      server.forceShutdown();
    });
    socket.on('error', () => socket.destroy());
    server.createConnectionInjector(grpc.ServerCredentials.createInsecure()).injectConnection(socket);
  });
  const address = await listen(listener, path);
  let closing: Promise<void> | undefined;
  const close = async () => {
    forget();
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const [socket, server] of sockets) {
      server.forceShutdown();
      socket.destroy();
    }
    await closed;
    rmSync(folder, { recursive: true, force: true });
  };
  return { reattach: reattach(address), close: () => (closing ??= close()) };
}

function serve(kernel: Kernel, { supported, service, schema }: Protocol, options: DoorOptions): grpc.Server {
  const connection = new Connection(kernel, options);
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MESSAGE_LIMIT,
    'grpc.max_send_message_length': MESSAGE_LIMIT,
  });
  const rpcs: Record<string, Rpc> = {
    ...createProvider(supported, kernel.account, connection),
    GetProviderSchema: () => schema,
  };
  server.addService(
    service,
    Object.fromEntries(
      Object.entries(rpcs).map(([name, rpc]): [string, grpc.handleUnaryCall<any, any>] => [
        name,
        (call, reply) => {
          answer(rpc, call.request).then(
            (response) => reply(null, response),
            (error: unknown) => {
              connection.reportDefect(name, error);
              reply({ code: grpc.status.INTERNAL, details: error instanceof Error ? error.message : String(error) });
            },
          );
        },
      ]),
    ),
  );
  return server;
}

// Asynchronous, so that whatever an answer throws becomes a rejection.
const answer = async (rpc: Rpc, request: Parameters<Rpc>[0]): Promise<object> => rpc(request);

/** A Unix socket in a folder of our own keeps other users out; where it does not work, a port on the loopback must do. */
async function listen(listener: Server, path: string): Promise<{ Network: string; String: string }> {
  const onSocket = process.platform !== 'win32' && Buffer.byteLength(path) <= LONGEST_SOCKET_PATH;
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(onSocket ? { path } : { host: '127.0.0.1', port: 0 }, resolve);
  });
  if (onSocket) return { Network: 'unix', String: path };
  const { address, port } = listener.address() as AddressInfo;
  return { Network: 'tcp', String: `${address}:${port}` };
}

/** The value for TF_REATTACH_PROVIDERS. `Test` keeps the engine from stopping this process when it is done. */
const reattach = (address: { Network: string; String: string }): string =>
  JSON.stringify(
    Object.fromEntries(
      PROVIDERS.map((name) => [
        name,
        { Protocol: 'grpc', ProtocolVersion: 6, Pid: process.pid, Test: true, Addr: address },
      ]),
    ),
  );

/** Removes the folders of this user's clouds that were killed. */
function sweepFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name)?.[1]);
    const folder = join(tmpdir(), name);
    if (pid && !isAlive(pid) && statSync(folder).uid === process.getuid?.())
      rmSync(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
