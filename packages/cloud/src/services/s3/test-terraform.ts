// A cloud, and Terraform roots in it, for tests of S3's Terraform types.
import { S3Client } from '@aws-sdk/client-s3';

import { startCloud, type Cloud } from '../../cloud.ts';
import { rootPrincipal, type Principal } from '../../kernel/identity/principal.ts';
import { TestRoot, type Diagnostic } from '../../terraform/testing.ts';

const REGION = 'eu-west-1';

interface Caller {
  readonly root: TestRoot;
  /** Writes the root's resources, and initializes. */
  readonly configure: (resource: object, region?: string) => Promise<void>;
  close(): Promise<void>;
}

export interface TestTerraform extends Pick<Caller, 'root' | 'configure'> {
  readonly cloud: Cloud;
  /** The administrator's, in the root's region. */
  readonly client: S3Client;
  /** Another root, run by a new role that may do these actions on one resource. */
  as(role: string, allowed: { actions: readonly string[]; resource: string }): Promise<Caller>;
  /** What is said of each resource, without the folder of this run. */
  sentences(diagnostics: readonly Diagnostic[]): Record<string, string[]>;
  stop(): Promise<void>;
}

export async function startTerraform(): Promise<TestTerraform> {
  const cloud = await startCloud();
  const administrator = rootPrincipal(cloud.kernel.account);
  const caller = await callAs(cloud, administrator);
  const client = new S3Client({
    endpoint: cloud.endpoint,
    region: REGION,
    credentials: cloud.credentials,
    forcePathStyle: true,
  });
  return {
    cloud,
    root: caller.root,
    client,
    configure: caller.configure,
    as: async (role, { actions, resource }) => {
      const iam = (operation: string, input: object) =>
        cloud.kernel.invoke('iam', operation, input, { principal: administrator, region: REGION });
      const service = 'codebuild.amazonaws.com';
      await iam('CreateRole', {
        RoleName: role,
        AssumeRolePolicyDocument: policyOf({ Action: 'sts:AssumeRole', Principal: { Service: service } }),
      });
      await iam('PutRolePolicy', {
        RoleName: role,
        PolicyName: 'allowed',
        PolicyDocument: policyOf({ Action: actions, Resource: resource }),
      });
      const arn = `arn:aws:iam::${cloud.kernel.account}:role/${role}`;
      return callAs(cloud, cloud.kernel.sessions.assumeForService(service, arn, 'test').principal);
    },
    sentences: (diagnostics) =>
      Object.fromEntries(
        diagnostics
          .filter(({ severity }) => severity === 'error')
          .map(({ address = '', summary, detail }): [string, string[]] => [
            address,
            [summary, detail].map((text) => text.replaceAll(caller.root.folder, '.')),
          ])
          .toSorted(([left], [right]) => (left < right ? -1 : 1)),
      ),
    stop: async () => {
      client.destroy();
      await caller.close();
      await cloud.stop();
    },
  };
}

async function callAs({ kernel }: Cloud, principal: Principal): Promise<Caller> {
  const root: TestRoot = new TestRoot(() => door.reattach);
  const door = await kernel.openDoor({ principal, folder: root.folder });
  return {
    root,
    configure: (resource, region = REGION) => root.init({ provider: { aws: { region } }, resource }),
    close: async () => {
      await door.close();
      root.remove();
    },
  };
}

const policyOf = (allowed: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...allowed }] });
