// Why a recovery stops, and how a person goes on from there: the last two lines of a failed build's log.

export class Failure extends Error {
  /** What to do about it. */
  readonly wayOn: string;

  constructor(message: string, wayOn: string) {
    super(message);
    this.name = 'Failure';
    this.wayOn = wayOn;
  }
}
