// Services that do what a test tells them, for tests of the wire.
import type { Operation, Service } from '../kernel/service.ts';
import type { ServiceFactory } from '../services/index.ts';

/** A service whose operations anyone with a signature may call. */
export function testService(
  name: string,
  client: string,
  operations: Record<string, Operation['run']>,
): ServiceFactory {
  const entries = Object.entries(operations).map(([key, run]) => [key, { access: () => [], run }] as const);
  return (): Service => ({ name, client, resources: [], operations: Object.fromEntries(entries) });
}
