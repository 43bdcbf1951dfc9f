// The recovery kit: one program, one step of a recovery build per call. `node recover.mjs <step>`, in the build's folder.
import { Failure } from './failure.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { engine, fetchRoot, guardPlan, reportLock, verify } from './steps.ts';

const STEPS: Readonly<Record<string, (inputs: Inputs) => Promise<void>>> = {
  engine,
  fetch: fetchRoot,
  lock: reportLock,
  guard: guardPlan,
  verify,
};

async function main(name: string): Promise<void> {
  const step = STEPS[name];
  if (!step) throw new Failure(`there is no step '${name}'`, `Use one of: ${Object.keys(STEPS).join(', ')}.`);
  await step(readInputs(process.env));
}

await main(process.argv[2] ?? '').catch((error: unknown) => {
  if (error instanceof Failure) console.error(`Recovery stopped: ${error.message}.\n${error.wayOn}`);
  // An AWS error: its name and message say what was asked of whom, and denied.
  else if (error instanceof Error && '$metadata' in error)
    console.error(`Recovery stopped: ${error.name}: ${error.message}`);
  else console.error('Recovery stopped by a fault of its own:', error);
  process.exitCode = 1;
});
