// Resource policies of CloudWatch Logs: which AWS services may write to the groups of a region.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html
import type {
  DeleteResourcePolicyCommandInput,
  DescribeResourcePoliciesCommandInput,
  PutResourcePolicyCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import { AwsError, notSupported } from '../../kernel/errors.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import type { Access, Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { invalidParameter } from './errors.ts';
import { page } from './page-token.ts';

interface NamedPolicy {
  readonly name: string;
  /** JSON. */
  readonly document: string;
  readonly updatedAt: number;
}

const MOST_POLICIES = 10;

/** In one answer. */
const MOST_LISTED = 50;

/** Of a policy's document, in characters. */
const LONGEST_POLICY = 5_120;

export class ResourcePolicies {
  readonly #policies: Collection<NamedPolicy>;

  constructor(store: Store) {
    this.#policies = store.collection('logs.resource-policies');
  }

  /** All of a region's policies as one; undefined where there is none. */
  of(region: string): string | undefined {
    const policies = this.list(region);
    if (policies.length === 0) return undefined;
    const Statement = policies.flatMap(({ document }) => (JSON.parse(document) as { Statement: object[] }).Statement);
    return JSON.stringify({ Version: '2012-10-17', Statement });
  }

  list(region: string): NamedPolicy[] {
    return this.#policies.list({ prefix: `${region}/` }).map(({ value }) => value);
  }

  put(region: string, policy: NamedPolicy): void {
    const others = this.list(region).filter(({ name }) => name !== policy.name);
    if (others.length >= MOST_POLICIES) {
      throw new AwsError('LimitExceededException', `Resource limit exceeded: ${MOST_POLICIES} resource policies.`);
    }
    this.#policies.put(`${region}/${policy.name}`, policy);
  }

  delete(region: string, name: string): void {
    if (this.#policies.delete(`${region}/${name}`)) return;
    throw new AwsError('ResourceNotFoundException', `Policy with name [${name}] does not exist.`);
  }
}

export type ResourcePolicyOperations = ReturnType<typeof resourcePolicyOperations>;

export function resourcePolicyOperations(policies: ResourcePolicies) {
  const on = (action: string) => (): Access[] => [{ action: `logs:${action}`, resource: '*' }];
  const shape = ({ name, document, updatedAt }: NamedPolicy) => ({
    policyName: name,
    policyDocument: document,
    lastUpdatedTime: updatedAt,
    policyScope: 'ACCOUNT' as const,
  });

  return {
    PutResourcePolicy: {
      access: on('PutResourcePolicy'),
      run: (input: PutResourcePolicyCommandInput, { region, now }: Call) => {
        const { policyName: name, policyDocument: document } = input;
        if (!name || !document) throw invalidParameter('policyName and policyDocument are required.');
        if (document.length > LONGEST_POLICY) {
          throw new AwsError(
            'LimitExceededException',
            `Resource limit exceeded: ${LONGEST_POLICY} characters of a policy.`,
          );
        }
        requirePolicy(document);
        const policy = { name, document, updatedAt: now };
        policies.put(region, policy);
        return { resourcePolicy: shape(policy) };
      },
    },
    DescribeResourcePolicies: {
      access: on('DescribeResourcePolicies'),
      run: (input: DescribeResourcePoliciesCommandInput, { region }: Call) => {
        if (input.policyScope === 'RESOURCE') throw notSupported('policyScope RESOURCE is not supported here.');
        const { items, rest } = page(policies.list(region), ({ name }) => name, input, MOST_LISTED);
        return { resourcePolicies: items.map(shape), ...rest };
      },
    },
    DeleteResourcePolicy: {
      access: on('DeleteResourcePolicy'),
      run: (input: DeleteResourcePolicyCommandInput, { region }: Call) => {
        policies.delete(region, input.policyName ?? '');
        return {};
      },
    },
  };
}

function requirePolicy(document: string): void {
  try {
    const statements = parsePolicy(document, 'resource');
    if (!statements.every(({ principals }) => principals)) {
      throw new AwsError('MalformedPolicyDocument', 'Missing required field Principal');
    }
  } catch (error) {
    if (error instanceof AwsError) throw invalidParameter(`Policy document is malformed: ${error.message}`);
    throw error;
  }
}
