// The floor for Terraform: a provider with the same schema that does nothing, so that what it takes is Terraform's own.
import { fileURLToPath } from 'node:url';

import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

import { schemaMessage } from '../../packages/cloud/src/terraform/schema-message.ts';
import { providerSchema } from '../../packages/cloud/src/terraform/schema.ts';
import { decodeObject, encodeValue, UNKNOWN } from '../../packages/cloud/src/terraform/value.ts';

interface Request {
  readonly type_name: string;
  readonly raw_state: { readonly json: Uint8Array };
  readonly current_state: object;
  readonly prior_state: object;
  readonly planned_state: object;
  readonly proposed_new_state: object;
}

export interface NoopProvider {
  /** The value for TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  stop(): void;
}

export async function startNoopProvider(): Promise<NoopProvider> {
  const proto = new URL('../../packages/cloud/src/terraform/tfplugin6.proto', import.meta.url);
  const definition = loadSync(fileURLToPath(proto), { keepCase: true, longs: Number, defaults: false });
  const server = new grpc.Server({
    'grpc.max_receive_message_length': 1 << 28,
    'grpc.max_send_message_length': 1 << 28,
  });
  const answers: grpc.UntypedServiceImplementation = Object.fromEntries(
    Object.entries(handlers()).map(([name, answer]): [string, grpc.handleUnaryCall<Request, object>] => [
      name,
      ({ request }, reply) => reply(null, answer(request)),
    ]),
  );
  server.addService(definition['tfplugin6.Provider'] as grpc.ServiceDefinition, answers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const provider = {
    Protocol: 'grpc',
    ProtocolVersion: 6,
    Pid: process.pid,
    Test: true,
    Addr: { Network: 'tcp', String: `127.0.0.1:${port}` },
  };
  return {
    reattach: JSON.stringify({
      'registry.terraform.io/hashicorp/aws': provider,
      'registry.opentofu.org/hashicorp/aws': provider,
    }),
    stop: () => server.forceShutdown(),
  };
}

function handlers(): Record<string, (request: Request) => object> {
  const { provider, resources } = providerSchema();
  const schema = {
    provider: schemaMessage(provider),
    resource_schemas: Object.fromEntries(Object.entries(resources).map(([name, type]) => [name, schemaMessage(type)])),
    server_capabilities: { get_provider_schema_optional: true },
  };
  return {
    GetProviderSchema: () => schema,
    GetResourceIdentitySchemas: () => ({}),
    ValidateProviderConfig: () => ({}),
    ValidateResourceConfig: () => ({}),
    ConfigureProvider: () => ({}),
    UpgradeResourceState: ({ raw_state }) => ({ upgraded_state: { json: raw_state.json } }),
    ReadResource: ({ current_state }) => ({ new_state: current_state }),
    PlanResourceChange: ({ prior_state, proposed_new_state }) => {
      const proposed = decodeObject(proposed_new_state);
      if (!proposed || decodeObject(prior_state)) return { planned_state: proposed_new_state };
      return { planned_state: encodeValue({ ...proposed, id: UNKNOWN }), legacy_type_system: true };
    },
    ApplyResourceChange: ({ planned_state }) => {
      const planned = decodeObject(planned_state);
      return { new_state: encodeValue(planned && { ...planned, id: 'noop' }), legacy_type_system: true };
    },
    StopProvider: () => ({}),
  };
}
