// The recovery build, phase by phase. This is the place to customise it; the steps of `recover.mjs` are in app/recovery.
import type { BuildSpec } from '@plinth/blocks';

// The first step puts the engine that applied the root into `bin`, as `terraform`. All commands share one shell.
export const recoveryBuildSpec: BuildSpec = {
  env: {
    variables: { TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' },
  },
  phases: {
    install: {
      'runtime-versions': { nodejs: 22 },
      commands: ['node recover.mjs engine', 'export PATH="$PWD/bin:$PATH"', 'terraform --version'],
    },
    pre_build: {
      commands: [
        'echo "Correlation ID: $CORRELATION_ID"',
        'echo "Resource Type: $RESOURCE_TYPE"',
        'node recover.mjs fetch',
      ],
    },
    build: {
      commands: [
        'terraform init -no-color -backend-config=recovery.s3.tfbackend',
        'node recover.mjs lock',
        'terraform plan -no-color -lock-timeout="$TF_LOCK_TIMEOUT" -out=plan.bin',
        'terraform show -json plan.bin > plan.json',
        'node recover.mjs guard',
        'terraform apply -no-color -lock-timeout="$TF_LOCK_TIMEOUT" plan.bin',
        // What is restored may be seen by others, a bucket's policy by the bucket: the state learns it, or it would look like drift.
        'terraform apply -no-color -lock-timeout="$TF_LOCK_TIMEOUT" -refresh-only -auto-approve',
      ],
    },
    post_build: {
      commands: ['node recover.mjs verify'],
    },
  },
};
