// The end of a root: what would be lost, and the destruction itself; the backend's root takes its state out first.

import { moveStateHome } from './bootstrap.ts';
import { applyPlan, initialise, plan, type PlanSummary, type Root } from './root.ts';

export interface DestroyPlan {
  readonly addresses: readonly string[];
  /** One sentence for each thing whose contents go with it. */
  readonly losses: readonly string[];
  readonly summary: PlanSummary;
}

/** What holds data that nothing brings back. */
const STATEFUL: Readonly<Record<string, string>> = {
  aws_s3_bucket: 'with every object and version in it',
  aws_dynamodb_table: 'with every item in it',
  aws_cloudwatch_log_group: 'with its log events',
  aws_s3_object: 'with its versions',
};

export async function planDestroy(root: Root, say: (detail: string) => void): Promise<DestroyPlan> {
  if (root.stack.backend) {
    say('taking the state out of the bucket that goes');
    await moveStateHome(root);
  } else {
    await initialise(root);
  }
  const summary = await plan(root, { destroy: true, say });
  const losses = summary.resources.flatMap(({ address, type }) =>
    STATEFUL[type] ? [`${address} goes, ${STATEFUL[type]}`] : [],
  );
  say(`${summary.destroy} to destroy`);
  return { addresses: summary.resources.map(({ address }) => address), losses, summary };
}

export async function destroyRoot(root: Root, { summary }: DestroyPlan, say: (detail: string) => void): Promise<void> {
  await applyPlan(root, summary, say);
}
