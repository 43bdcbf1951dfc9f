// What Lambda itself writes into a function's log, in both formats.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
import type { Settings } from './settings.ts';

export type Status = 'success' | 'failure' | 'error' | 'timeout';

export interface Measured {
  readonly requestId: string;
  readonly durationMilliseconds: number;
  readonly memoryMegabytes: number;
  readonly usedMegabytes: number;
  /** For the first event of a sandbox only. */
  readonly initMilliseconds: number | undefined;
  readonly status: Status;
}

/** Milliseconds that are paid for: begun ones count whole, and since August 2025 those of the initialization count too. */
export const billedMilliseconds = ({ durationMilliseconds, initMilliseconds = 0 }: Measured): number =>
  Math.ceil(durationMilliseconds + initMilliseconds);

/** Lines of Lambda's own for one function version, each undefined where its level is not asked for. */
export function reporter({ logging, runtime }: Settings, version: string, now: () => number) {
  const json = logging.format === 'JSON';
  const record = (type: string, level: 'INFO' | 'WARN', body: object): string | undefined => {
    if (logging.systemLevel === 'WARN' && level === 'INFO') return undefined;
    return JSON.stringify({ time: new Date(now()).toISOString(), type: `platform.${type}`, record: body });
  };
  return {
    initStart: (): string | undefined =>
      json
        ? record('initStart', 'INFO', {
            initializationType: 'on-demand',
            phase: 'init',
            runtimeVersion: runtime,
            functionVersion: version,
          })
        : `INIT_START Runtime Version: ${runtime.replace(/^nodejs(\d+)\.x$/, 'nodejs:$1')}`,
    start: (requestId: string): string | undefined =>
      json ? record('start', 'INFO', { requestId, version }) : `START RequestId: ${requestId} Version: ${version}`,
    end: (requestId: string): string | undefined => (json ? undefined : `END RequestId: ${requestId}`),
    report: (measured: Measured): string | undefined =>
      json
        ? record('report', measured.status === 'success' ? 'INFO' : 'WARN', {
            requestId: measured.requestId,
            metrics: {
              durationMs: rounded(measured.durationMilliseconds),
              billedDurationMs: billedMilliseconds(measured),
              memorySizeMB: measured.memoryMegabytes,
              maxMemoryUsedMB: measured.usedMegabytes,
              ...(measured.initMilliseconds !== undefined && { initDurationMs: rounded(measured.initMilliseconds) }),
            },
            status: measured.status,
          })
        : reportLine(measured),
    /** Lambda's word on a runtime that ended by itself or was ended. */
    failure: (requestId: string, message: string): string => {
      const timestamp = new Date(now()).toISOString();
      if (json) return JSON.stringify({ timestamp, level: 'ERROR', requestId, message });
      return message.startsWith('RequestId: ') ? message : `${timestamp} ${requestId} ${message}`;
    },
  };
}

function reportLine(measured: Measured): string {
  const { requestId, durationMilliseconds, memoryMegabytes, usedMegabytes, initMilliseconds, status } = measured;
  return [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMilliseconds.toFixed(2)} ms`,
    `Billed Duration: ${billedMilliseconds(measured)} ms`,
    `Memory Size: ${memoryMegabytes} MB`,
    `Max Memory Used: ${usedMegabytes} MB`,
    ...(initMilliseconds === undefined ? [] : [`Init Duration: ${initMilliseconds.toFixed(2)} ms`]),
    ...(status === 'timeout' || status === 'error' ? [`Status: ${status}`] : []),
  ].join('\t');
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
