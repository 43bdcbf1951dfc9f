// The blocks, and what a system is declared with. Roots are written by '@plinth/blocks/synth'.
export { backendConfig, backendFile, knowsLockfile, stateKey } from './backend.ts';
export type { BackendConfig, BackendRequest, Engine } from './backend.ts';
export { Table } from './data/table.ts';
export type { TableProps } from './data/table.ts';
export { BuildProject } from './delivery/build-project.ts';
export type { BuildProjectProps } from './delivery/build-project.ts';
export type { BuildVariable } from './delivery/build-variables.ts';
export type { BuildPhase, BuildSpec } from './delivery/build-spec.ts';
export { bundleNode } from './delivery/bundle.ts';
export { packRoot } from './delivery/pack-root.ts';
export type { Archive } from './delivery/zip.ts';
export { UserError } from './errors.ts';
export { LogGroup } from './observability/log-group.ts';
export type { LogGroupProps, RetentionDays } from './observability/log-group.ts';
export { Key } from './security/key.ts';
export type { KeyProps, KeyService } from './security/key.ts';
export { Parameter } from './security/parameter.ts';
export type { ParameterProps } from './security/parameter.ts';
export { Policy } from './security/policy.ts';
export type { PolicyProps } from './security/policy.ts';
export { Role } from './security/role.ts';
export type { RoleProps } from './security/role.ts';
export { Secret } from './security/secret.ts';
export type { SecretProps } from './security/secret.ts';
export { anyAction, anyResource } from './security/statement.ts';
export type { Action, Conditions, Grantee, Statement, Wide } from './security/statement.ts';
export { Stack } from './stack.ts';
export { publicationOf } from './state/last-known-good.ts';
export type { LastKnownGood, Publication, PublishRequest } from './state/last-known-good.ts';
export { grantState, StateBackend } from './state/state-backend.ts';
export type { StateBackendProps } from './state/state-backend.ts';
export { BucketObject } from './storage/bucket-object.ts';
export type { BucketObjectProps } from './storage/bucket-object.ts';
export { Bucket } from './storage/bucket.ts';
export type { BucketProps } from './storage/bucket.ts';
export { defineSystem, requireEnvironment, withAccount } from './system.ts';
export type {
  EnvironmentName,
  HealthCheck,
  HealthContext,
  RecoveryNames,
  StackDefinition,
  StateNames,
  System,
  SystemProps,
} from './system.ts';
