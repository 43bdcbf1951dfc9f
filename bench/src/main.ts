// Benchmarks, each beside a peer or a limit in one run: `npm run bench [name…]`.
import { benchAlarms } from './alarms.ts';
import { benchCommands } from './commands.ts';
import { benchDynamodb } from './dynamodb.ts';
import { benchFunctions } from './functions.ts';
import { benchIngestion } from './ingestion.ts';
import { benchMemory } from './memory.ts';
import { benchQueues } from './queues.ts';
import { benchItems, benchObjects } from './scale.ts';
import { benchServices } from './services.ts';
import { benchStartup } from './startup.ts';
import { benchTerraform } from './terraform.ts';

const BENCHMARKS: ReadonlyMap<string, () => Promise<void>> = new Map([
  ['startup', benchStartup],
  ['commands', benchCommands],
  ['terraform', benchTerraform],
  ['services', benchServices],
  ['dynamodb', benchDynamodb],
  ['functions', benchFunctions],
  ['ingestion', benchIngestion],
  ['queues', benchQueues],
  ['alarms', benchAlarms],
  ['objects', benchObjects],
  ['items', benchItems],
  ['memory', benchMemory],
]);

// What takes some ten minutes runs only when it is asked for.
const LONG = new Set(['objects', 'items', 'memory']);

const names =
  process.argv.length > 2 ? process.argv.slice(2) : [...BENCHMARKS.keys()].filter((name) => !LONG.has(name));
for (const name of names) {
  const bench = BENCHMARKS.get(name);
  if (!bench) throw new Error(`There is no benchmark '${name}'. They are: ${[...BENCHMARKS.keys()].join(', ')}`);
  await bench();
}
