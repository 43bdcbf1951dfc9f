// The remote state of both environments: the bucket that keeps it and the table that locks it.
import { StateBackend, type StackDefinition } from '@plinth/blocks';

export const state: StackDefinition = {
  name: 'state',
  key: 'bootstrap/terraform.tfstate',
  backend: true,
  build: (stack) => {
    // `plinth destroy` of the last environment asks, names what is lost, and then has to be able to do it.
    const backend = new StateBackend(stack, 'state', { deletionProtection: false });

    stack.output('terraform_state_bucket', backend.bucket.resource.bucket, 'Where the states of both environments are');
    stack.output('terraform_locks_table', backend.table.resource.name, 'What locks them');
  },
};
