import { describe, expect, test } from 'vitest';

import { backendConfig, backendFile, knowsLockfile, stateKey } from './backend.ts';
import { defineSystem } from './system.ts';
import { testSystem } from './testing.ts';

const single = defineSystem({ ...testSystem, environments: ['production'], defaultEnvironment: 'production' });

test('each environment has its own keys; an only one needs no prefix', () => {
  expect(stateKey(testSystem, 'app', 'staging')).toBe('staging/app/terraform.tfstate');
  expect(stateKey(testSystem, 'app')).toBe('dev/app/terraform.tfstate');
  expect(stateKey(single, 'app')).toBe('app/terraform.tfstate');
});

test('the bucket that all environments share keeps its own state once', () => {
  expect(stateKey(testSystem, 'state', 'staging')).toBe('bootstrap/terraform.tfstate');
  expect(stateKey(testSystem, 'state', 'production')).toBe('bootstrap/terraform.tfstate');
});

test('a phase that is no stack of the system keeps its state beside it', () => {
  expect(backendConfig(single, { stack: 'phase-6', account: '123456789012' })).toEqual({
    bucket: 'shop-terraform-state-123456789012',
    key: 'phase-6/terraform.tfstate',
    region: 'us-east-1',
    table: 'shop-terraform-locks',
  });
});

describe('backendFile', () => {
  const config = backendConfig(single, { stack: 'phase-6', account: '123456789012' });

  test('is what Terraform reads', () => {
    expect(backendFile(config)).toMatchInlineSnapshot(`
      "terraform {
        backend "s3" {
          bucket         = "shop-terraform-state-123456789012"
          key            = "phase-6/terraform.tfstate"
          region         = "us-east-1"
          dynamodb_table = "shop-terraform-locks"
          encrypt        = true
        }
      }
      "
    `);
  });

  test('uses lock files too where the engine has them', () => {
    expect(backendFile(config, { name: 'terraform', version: '1.11.4' })).toContain('use_lockfile   = true');
  });
});

test.each([
  ['1.5.7', false],
  ['1.9.8', false],
  ['1.10.0', true],
  ['1.11.4', true],
  ['2.0.0', true],
])('engine %s knows use_lockfile: %s', (version, expected) => {
  expect(knowsLockfile({ name: 'terraform', version })).toBe(expected);
});

test('an unknown engine is given what every engine knows', () => {
  expect(knowsLockfile(undefined)).toBe(false);
});
