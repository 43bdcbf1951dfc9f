// The FP Calibration Service of Phase Mirror: how often a governance rule is wrong, told without telling who said so.
import { defineSystem } from '@plinth/blocks';

import { ENVIRONMENTS } from './contract.ts';
import { health } from './health.ts';
import { smoke } from './smoke.ts';
import { service } from './stacks/service.ts';
import { state } from './stacks/state.ts';

export const system = defineSystem({
  name: 'fp-calibration',
  project: 'phase-mirror',
  owner: 'phase-mirror',
  costCenter: 'governance',
  environments: ENVIRONMENTS,
  state: { bucket: 'phase-mirror-terraform-state', table: 'phase-mirror-terraform-locks' },
  stacks: [state, service],
  health,
  smoke,
});
