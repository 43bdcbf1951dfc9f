// Answers of IAM in the forms that its Terraform types need.
import { AwsError } from '../../kernel/errors.ts';
import type { Client } from '../../terraform/resource.ts';
import type { IamOperations } from './operations.ts';

type Iam = Client<IamOperations>;

/** The answer, or null where there is no such entity. */
export async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntity') return null;
    throw error;
  }
}

/** The text of a document that IAM answered percent-encoded. */
export const decodeDocument = (encoded: string | undefined): string => decodeURIComponent(encoded ?? '');

export const attachedArns = (iam: Iam, RoleName: string): Promise<string[]> =>
  allPages(async (page) => {
    const { AttachedPolicies, ...rest } = await iam('ListAttachedRolePolicies', { RoleName, ...page });
    return { items: AttachedPolicies.map(({ PolicyArn }) => PolicyArn ?? ''), ...rest };
  });

export const inlineNames = (iam: Iam, RoleName: string): Promise<string[]> =>
  allPages(async (page) => {
    const { PolicyNames, ...rest } = await iam('ListRolePolicies', { RoleName, ...page });
    return { items: PolicyNames, ...rest };
  });

/** The items of every page of a list. */
export async function allPages<T>(
  list: (page: { Marker?: string }) => Promise<{ items: T[]; Marker?: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let marker: string | undefined;
  do {
    const { items, Marker } = await list(marker === undefined ? {} : { Marker: marker });
    all.push(...items);
    marker = Marker;
  } while (marker !== undefined);
  return all;
}
