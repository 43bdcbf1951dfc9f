// One line of JSON per event that a person may want to find again; never a body, never a credential.
export type Log = (event: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>) => void;

/** Writes lines to a stream such as a file or standard error. */
export const lineLog =
  (write: (line: string) => void): Log =>
  (event, fields = {}) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);

export const silentLog: Log = () => {};
