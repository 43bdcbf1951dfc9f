import { describe, expect, test } from 'vitest';

import { readInputs } from './inputs.ts';

const variables = {
  CORRELATION_ID: '01JD0V5M7Q0000000000000000',
  RESOURCE_TYPE: 'dynamodb',
  TF_STATE_BUCKET: 'aiops-terraform-state-123456789012',
  TF_LOCK_TABLE: 'aiops-terraform-locks',
  PLINTH_ARTIFACTS_BUCKET: 'aiops-codebuild-artifacts-123456789012',
};

describe('readInputs', () => {
  test('what the build does not say is the global stack of aiops in production, five minutes, five changes', () => {
    expect(readInputs(variables)).toEqual({
      correlationId: variables.CORRELATION_ID,
      resourceType: 'dynamodb',
      stateBucket: variables.TF_STATE_BUCKET,
      lockTable: variables.TF_LOCK_TABLE,
      lockTimeout: '5m',
      artifactsBucket: variables.PLINTH_ARTIFACTS_BUCKET,
      system: 'aiops',
      environment: 'production',
      stack: 'global',
      maxChanges: 5,
      buildId: 'unknown-build',
      endpoint: undefined,
    });
  });

  test.each(Object.keys(variables))('%s has to be there', (name) => {
    expect(() => readInputs({ ...variables, [name]: undefined })).toThrow(`${name} is not set`);
    expect(() => readInputs({ ...variables, [name]: '' })).toThrow(`${name} is not set`);
  });

  test.each([
    ['CORRELATION_ID', 'x"; rm -rf / #'],
    ['CORRELATION_ID', '$(id)'],
    ['CORRELATION_ID', 'one\ntwo'],
    ['RESOURCE_TYPE', '../../x'],
    ['TF_STATE_BUCKET', 'bucket" region="eu'],
    ['TF_LOCK_TABLE', 'a b'],
    ['TF_LOCK_TIMEOUT', '5'],
    ['PLINTH_STACK', '../state'],
    ['PLINTH_SYSTEM', 'AIOPS'],
    ['PLINTH_MAX_CHANGES', '0'],
  ])('%s cannot be %j', (name, value) => {
    expect(() => readInputs({ ...variables, [name]: value })).toThrow(`${name} is ${JSON.stringify(value)}`);
  });
});
