// The remote state: the bucket for every phase's Terraform state, and the table that locks them.
import { StateBackend, type StackDefinition } from '@plinth/blocks';

export const state: StackDefinition = {
  name: 'state',
  key: 'bootstrap/terraform.tfstate',
  backend: true,
  build: (stack) => {
    // Not protected against deletion, like everything of this system: `plinth destroy` asks, names what is lost, and then
    // has to be able to do it. S3 itself refuses to delete a bucket that still holds states.
    const backend = new StateBackend(stack, 'state', { deletionProtection: false });

    stack.output('terraform_state_bucket', backend.bucket.resource.bucket, 'For the remote state of other phases');
    stack.output('terraform_locks_table', backend.table.resource.name, 'For locking that state');
  },
};
