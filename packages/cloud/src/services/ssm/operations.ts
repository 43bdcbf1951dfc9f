// The Parameter Store part of the Systems Manager API.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/Welcome.html
import { manageOperations } from './manage-operations.ts';
import { putOperation } from './put-operation.ts';
import { readOperations } from './read-operations.ts';
import type { ParameterStore } from './service.ts';

export type SsmOperations = ReturnType<typeof ssmOperations>;

export const ssmOperations = (store: ParameterStore) => ({
  ...putOperation(store),
  ...readOperations(store),
  ...manageOperations(store),
});
