// Phase 00, the global infrastructure that all other phases build on: incidents, artifacts, and the recovery project.
import { Bucket, Table, type StackDefinition } from '@plinth/blocks';

import { recoveryProject } from './recovery.ts';

export const global: StackDefinition = {
  name: 'global',
  key: 'phase-00-global-infra/terraform.tfstate',
  build: async (stack) => {
    // One item collection holds an incident's whole life: META, SIG#…, EVD#…, HYP#…, RB#…, EXEC#…, EVT#… under one id.
    const incidents = new Table(stack, 'incidents', {
      name: 'aiops-incidents',
      attributes: {
        incidentId: 'string',
        recordKey: 'string',
        resourceKey: 'string',
        openedAt: 'string',
        expiresAt: 'epoch-seconds',
        state: 'string',
        severity: 'number',
        faultClass: 'string',
        runbookId: 'string',
        outcome: 'string',
      },
      partitionKey: 'incidentId',
      sortKey: 'recordKey',
      indexes: {
        // For history and screens: reads are eventually consistent, so never for uniqueness or rate limits.
        ResourceIndex: {
          partitionKey: 'resourceKey',
          sortKey: 'openedAt',
          project: ['state', 'severity', 'faultClass', 'runbookId', 'outcome'],
        },
      },
      timeToLive: 'expiresAt',
      // What protects the incidents is recovery: with point-in-time recovery on, AWS keeps a backup of a deleted table.
      deletionProtection: false,
    });

    const artifacts = new Bucket(stack, 'artifacts', {
      name: 'aiops-codebuild-artifacts-{account}',
      expire: [
        { prefix: 'logs/', days: 365 },
        { prefix: 'records/', days: 365 },
      ],
    });

    const project = await recoveryProject(stack, { artifacts, incidents });

    stack.output('incidents_table', incidents.resource.name, 'For the multi-agent system');
    stack.output('codebuild_project', project.resource.name, 'For recovery automation');
    stack.output('codebuild_artifacts_bucket', artifacts.resource.bucket, 'For build artifacts');
  },
};
