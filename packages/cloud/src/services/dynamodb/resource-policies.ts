// Resource-based policies of tables: who else may use them, and their indexes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html
import type {
  DeleteResourcePolicyInput,
  DeleteResourcePolicyOutput,
  GetResourcePolicyInput,
  GetResourcePolicyOutput,
  PutResourcePolicyInput,
  PutResourcePolicyOutput,
} from '@aws-sdk/client-dynamodb';

import { AwsError, notSupported } from '../../kernel/errors.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onArn } from './access.ts';
import { validation } from './errors.ts';
import { tableName } from './names.ts';
import type { TablePolicy, Tables, TableSettings } from './tables.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html */
const LARGEST_POLICY = 20 * 1_024;

/** What stands for the revision of a policy that is not there. */
const NO_POLICY = 'NO_POLICY';

export type ResourcePolicyOperations = ReturnType<typeof resourcePolicyOperations>;

export function resourcePolicyOperations(tables: Tables) {
  const on =
    (action: string) =>
    ({ ResourceArn = '*' }: { ResourceArn?: string | undefined }): Access[] => [onArn(tables, action, ResourceArn)];
  const require = async (call: Call, arn = ''): Promise<[name: string, settings: TableSettings]> => {
    if (arn.includes('/stream/')) throw notSupported('Resource-based policies of streams are not supported here.');
    await tables.ready(call.region);
    const name = tableName(call, arn);
    return [name, tables.require(call.region, name)];
  };

  return {
    PutResourcePolicy: {
      access: on('PutResourcePolicy'),
      run: async (input: PutResourcePolicyInput, call: Call): Promise<PutResourcePolicyOutput> => {
        const [name, settings] = await require(call, input.ResourceArn);
        requireRevision(settings.policy, input.ExpectedRevisionId, input.ResourceArn!);
        const policy = policyFrom(input.Policy!, call.now, settings.policy);
        tables.put(call.region, name, { ...tables.require(call.region, name), policy });
        return { RevisionId: policy.revision };
      },
    },
    GetResourcePolicy: {
      access: on('GetResourcePolicy'),
      run: async (input: GetResourcePolicyInput, call: Call): Promise<GetResourcePolicyOutput> => {
        const [, { policy }] = await require(call, input.ResourceArn);
        if (!policy) throw policyNotFound(input.ResourceArn!);
        return { Policy: policy.document, RevisionId: policy.revision };
      },
    },
    DeleteResourcePolicy: {
      access: on('DeleteResourcePolicy'),
      run: async (input: DeleteResourcePolicyInput, call: Call): Promise<DeleteResourcePolicyOutput> => {
        const [name] = await require(call, input.ResourceArn);
        const { policy, ...settings } = tables.require(call.region, name);
        requireRevision(policy, input.ExpectedRevisionId, input.ResourceArn!);
        tables.put(call.region, name, settings);
        // Deleting what is not there succeeds, and says nothing.
        return policy ? { RevisionId: policy.revision } : {};
      },
    },
  };
}

/** A policy as a table keeps it; the same text again has the same revision. */
export function policyFrom(document: string, now: number, before?: TablePolicy): TablePolicy {
  if (Buffer.byteLength(document) > LARGEST_POLICY) {
    throw validation('Resource-based policy size exceeds the maximum size limit of 20 KB');
  }
  try {
    parsePolicy(document, 'resource');
  } catch (error) {
    if (error instanceof AwsError) throw validation(`Invalid policy document: ${error.message}`);
    throw error;
  }
  return before?.document === document ? before : { document, revision: String(now) };
}

function requireRevision(policy: TablePolicy | undefined, expected: string | undefined, arn: string): void {
  if (expected === undefined || expected === (policy?.revision ?? NO_POLICY)) return;
  throw policyNotFound(arn, ` with the provided ExpectedRevisionId: ${expected}`);
}

const policyNotFound = (arn: string, more = ''): AwsError =>
  new AwsError(
    'PolicyNotFoundException',
    `Resource-based policy not found for the provided ResourceArn: ${arn}${more}`,
  );
