// The data sources aws_ssm_parameter and aws_ssm_parameters_by_path.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/ssm_parameter
import type { GetParametersByPathResult, Parameter } from '@aws-sdk/client-ssm';

import type { DataSourceType } from '../../terraform/resource.ts';
import type { SsmOperations } from './operations.ts';

const parameterDataSource: DataSourceType = {
  type: 'aws_ssm_parameter',
  async read(config, context) {
    const WithDecryption: boolean = config['with_decryption'] ?? true;
    const { Parameter: found } = await context.client<SsmOperations>('ssm')('GetParameter', {
      Name: config['name'],
      WithDecryption,
    });
    return {
      id: config['name'],
      arn: found.ARN,
      insecure_value: found.Type === 'SecureString' ? '' : found.Value,
      type: found.Type,
      value: found.Value,
      version: found.Version,
      with_decryption: WithDecryption,
    };
  },
};

const parametersByPath: DataSourceType = {
  type: 'aws_ssm_parameters_by_path',
  async read(config, context) {
    const ssm = context.client<SsmOperations>('ssm');
    const Recursive: boolean = config['recursive'] ?? false;
    const WithDecryption: boolean = config['with_decryption'] ?? true;
    const found: Parameter[] = [];
    let NextToken: string | undefined;
    do {
      const page: GetParametersByPathResult = await ssm('GetParametersByPath', {
        Path: config['path'],
        Recursive,
        WithDecryption,
        NextToken,
      });
      found.push(...(page.Parameters ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return {
      id: config['path'],
      arns: found.map(({ ARN }) => ARN),
      names: found.map(({ Name }) => Name),
      recursive: Recursive,
      types: found.map(({ Type }) => Type),
      values: found.map(({ Value }) => Value),
      with_decryption: WithDecryption,
    };
  },
};

export const ssmDataSources: readonly DataSourceType[] = [parameterDataSource, parametersByPath];
