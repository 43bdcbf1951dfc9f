// The time that a function sees: the cloud's, which may be ahead of the machine's.
const MachineDate = Date;

let offset = 0;

/** `Date` is this far ahead of the machine's from now on, in milliseconds. Timers and monotonic clocks stay real. */
export function setClockOffset(milliseconds: number): void {
  offset = milliseconds;
}

/** Makes `Date` follow the cloud's clock for all code that runs afterwards. */
export function installClock(): void {
  const now = () => MachineDate.now() + offset;
  const CloudDate = new Proxy(MachineDate, {
    construct: (target, parts: [], asked) =>
      Reflect.construct(target, parts.length === 0 ? [now()] : parts, asked) as Date,
    apply: () => new MachineDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  });
  // `new date.constructor()` is another way to ask for the time.
  MachineDate.prototype.constructor = CloudDate;
  globalThis.Date = CloudDate;
}
