// EventBridge Scheduler's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const scheduleNotFound = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, { status: 404 });

export const groupNotFound = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, { status: 404 });

export const conflict = (message: string): AwsError => new AwsError('ConflictException', message, { status: 409 });

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
