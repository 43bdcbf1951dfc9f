// The blocks, and what a system is declared with. Roots are written by '@plinth/blocks/synth'.
export { backendConfig, backendFile, knowsLockfile, stateKey } from './backend.ts';
export type { BackendConfig, BackendRequest, Engine } from './backend.ts';
export { Function } from './compute/function.ts';
export type { ConsumeOptions, FunctionProps } from './compute/function.ts';
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
export { Queue } from './events/queue.ts';
export type { QueueProps } from './events/queue.ts';
export { Schedule } from './events/schedule.ts';
export type { ScheduleProps } from './events/schedule.ts';
export { Topic } from './events/topic.ts';
export type { TopicProps } from './events/topic.ts';
export { Alarm } from './observability/alarm.ts';
export type { AlarmProps, Statistic } from './observability/alarm.ts';
export { Dashboard } from './observability/dashboard.ts';
export type { DashboardProps, GraphLine, Widget } from './observability/dashboard.ts';
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
export type { RotationOptions, SecretProps, SecretStage } from './security/secret.ts';
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
