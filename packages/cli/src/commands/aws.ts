// plinth aws: the machine's AWS CLI, pointed at the cloud.
import { spawn } from 'node:child_process';

import { command } from '../command.ts';
import { noAwsCli } from '../errors.ts';
import { openTarget, withoutAws } from '../target.ts';

export const aws = command<number>({
  summary: 'Run the AWS CLI of this machine against the cloud, as its administrator.',
  args: '<aws arguments>',
  passThrough: true,
  examples: [
    ['plinth aws s3 ls', 'the buckets in the cloud'],
    ['plinth aws dynamodb scan --table-name aiops-incidents', 'the items of a table'],
  ],
  run: async ({ args }, context) => {
    const { endpoint, variables } = await openTarget('local', context);
    const environment = { AWS_PAGER: '', ...withoutAws(context.variables), ...variables };
    // Version 1 asks AWS's own SQS, whatever AWS_ENDPOINT_URL says.
    const target = endpoint === undefined ? [] : ['--endpoint-url', endpoint];
    const child = spawn('aws', [...target, ...args], { stdio: 'inherit', env: environment });
    return new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? noAwsCli() : error));
      child.once('close', (code) => resolve(code ?? 1));
    });
  },
  render: () => '',
  exitCode: (code) => code,
});
