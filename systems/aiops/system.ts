// AIOps, the global infrastructure: where states live, where incidents are kept, and what brings infrastructure back.
import { defineSystem } from '@plinth/blocks';

import { health } from './health.ts';
import { global } from './stacks/global.ts';
import { state } from './stacks/state.ts';

export const system = defineSystem({
  name: 'aiops',
  project: 'aiops',
  owner: 'platform',
  costCenter: 'platform-operations',
  environments: ['production'],
  state: { bucket: 'aiops-terraform-state-{account}', table: 'aiops-terraform-locks' },
  recovery: {
    stack: 'global',
    project: 'aiops-devops-agent-apply',
    bucket: 'aiops-codebuild-artifacts-{account}',
  },
  stacks: [state, global],
  health,
});
