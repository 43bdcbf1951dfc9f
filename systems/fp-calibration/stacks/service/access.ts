// How organizations come in: an address for each function that serves them, and the policy that their credentials get.
import { Policy, type Stack } from '@plinth/blocks';

import type { EnvironmentName } from '../../contract.ts';
import type { Functions } from './functions.ts';

export function access(stack: Stack, environment: EnvironmentName, { functions, queue }: Functions): void {
  const policy = new Policy(stack, 'organization', {
    name: `phase-mirror-fp-calibration-organization-${environment}`,
    description: 'For users below /organizations/<organization>/ and roles named org-<organization>',
  });
  for (const [output, fn] of [
    ['ingestion', functions.ingest],
    ['consent', functions.consent],
    ['calibration', functions.calibration],
    ['blocks', functions.blocks],
  ] as const) {
    fn.grantCall(policy);
    stack.output(`${output}_url`, fn.url().functionUrl, 'Requests to it are signed for the service lambda');
  }
  queue.grantSend(policy);
  stack.output('events_queue_url', queue.resource.url, 'One event in each message');
  stack.output('events_dead_letters_url', queue.deadLetters.url, 'Where messages go that nobody could take');
  stack.output('organization_policy_arn', policy.resource.arn, 'What a credential of an organization needs');
}
