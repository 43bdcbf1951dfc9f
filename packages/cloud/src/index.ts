// The embedded AWS: start one in this process, in memory or on disk.
export { startCloud, type Cloud, type CloudOptions } from './cloud.ts';
export { fileLog, silentLog, type Log } from './kernel/log.ts';
export type { ServiceFactory } from './services/index.ts';
export type { TrailLine } from './services/cloudtrail/index.ts';
export type { InboxLine } from './services/sns/index.ts';
export type { WhyAnswer } from './wire/admin-why.ts';
