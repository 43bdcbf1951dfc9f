// How this system is asked whether it is well: through AWS's APIs, about what its outputs name.
import type { HealthCheck, HealthContext } from '@plinth/blocks';

export const health: readonly HealthCheck[] = [
  {
    name: 'remote state',
    check: async (context) => {
      const { GetBucketVersioningCommand, S3Client } = await import('@aws-sdk/client-s3');
      const bucket = requireOutput(context, 'terraform_state_bucket');
      const client = new S3Client({ ...clientOf(context), forcePathStyle: context.endpoint !== undefined });
      const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
      if (Status !== 'Enabled')
        throw new Error(`versions of ${bucket} are ${Status ?? 'off'}: a lost state could not be had back`);
      return `${bucket} keeps versions`;
    },
  },
  {
    name: 'incidents table',
    check: async (context) => {
      const { DescribeContinuousBackupsCommand, DescribeTableCommand, DynamoDBClient } =
        await import('@aws-sdk/client-dynamodb');
      const table = requireOutput(context, 'incidents_table');
      const client = new DynamoDBClient(clientOf(context));
      const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
      if (Table?.TableStatus !== 'ACTIVE') throw new Error(`${table} is ${Table?.TableStatus}`);
      const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName: table }));
      const status = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
      if (status !== 'ENABLED') throw new Error(`${table} cannot be restored to a point in time`);
      return `${table} is active and can be restored to a point in time`;
    },
  },
  {
    name: 'recovery project',
    check: async (context) => {
      const { BatchGetProjectsCommand, CodeBuildClient } = await import('@aws-sdk/client-codebuild');
      const name = requireOutput(context, 'codebuild_project');
      const client = new CodeBuildClient(clientOf(context));
      const { projects = [] } = await client.send(new BatchGetProjectsCommand({ names: [name] }));
      const [project] = projects;
      if (!project) throw new Error(`there is no project ${name}: nothing would restore this system`);
      return `${name} is ready, ${project.timeoutInMinutes} minutes at most`;
    },
  },
];

const clientOf = ({ region, endpoint, credentials }: HealthContext) => ({
  region,
  ...(endpoint !== undefined && { endpoint }),
  ...(credentials && { credentials }),
});

function requireOutput({ outputs }: HealthContext, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`there is no output ${name}: the stack that has it is not applied`);
  return value;
}
