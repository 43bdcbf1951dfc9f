// EventBridge's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const busNotFound = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);

export const busExists = (name: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);

export const ruleNotFound = (name: string, bus: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);

export const invalidPattern = (why: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${why}`);

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const policyTooLong = (): AwsError =>
  new AwsError('PolicyLengthExceededException', 'The event bus policy is too long. The limit is 10 KB.');

export const statementNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'Statement with the provided id does not exist.');

export const archiveNotFound = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Archive ${name} does not exist.`);

export const archiveExists = (name: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);

export const tooManyArchives = (): AwsError =>
  new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');

export const replayNotFound = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);

export const replayExists = (name: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `Replay ${name} already exists.`);

export const replayOver = (name: string): AwsError =>
  new AwsError('IllegalStatusException', `Replay ${name} is not in a valid state for this operation.`);

export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);
