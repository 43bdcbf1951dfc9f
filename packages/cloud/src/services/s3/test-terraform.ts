// A cloud, and a Terraform root in it, for tests of S3's Terraform types.
import { S3Client } from '@aws-sdk/client-s3';

import { startCloud, type Cloud } from '../../cloud.ts';
import { rootPrincipal } from '../../kernel/identity/principal.ts';
import { TestRoot, type Diagnostic } from '../../terraform/testing.ts';

export const REGION = 'eu-west-1';

export interface TestTerraform {
  readonly cloud: Cloud;
  readonly root: TestRoot;
  /** The administrator's, in the root's region. */
  readonly client: S3Client;
  /** Writes the root's resources, and initializes. */
  configure(resource: object, region?: string): Promise<void>;
  /** What is said of each resource, without the folder of this run. */
  sentences(diagnostics: readonly Diagnostic[]): Record<string, string[]>;
  stop(): Promise<void>;
}

export async function startTerraform(): Promise<TestTerraform> {
  const cloud = await startCloud();
  const root: TestRoot = new TestRoot(() => door.reattach);
  const door = await cloud.kernel.openDoor({ principal: rootPrincipal(cloud.kernel.account), folder: root.folder });
  const client = new S3Client({
    endpoint: cloud.endpoint,
    region: REGION,
    credentials: cloud.credentials,
    forcePathStyle: true,
  });
  return {
    cloud,
    root,
    client,
    configure: (resource, region = REGION) => root.init({ provider: { aws: { region } }, resource }),
    sentences: (diagnostics) =>
      Object.fromEntries(
        diagnostics
          .filter(({ severity }) => severity === 'error')
          .map(({ address = '', summary, detail }): [string, string[]] => [
            address,
            [summary, detail].map((text) => text.replaceAll(root.folder, '.')),
          ])
          .toSorted(([left], [right]) => (left < right ? -1 : 1)),
      ),
    stop: async () => {
      client.destroy();
      await door.close();
      await cloud.stop();
      root.remove();
    },
  };
}
