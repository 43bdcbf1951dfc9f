// Exporting tables to S3.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html
import type {
  DescribeExportInput,
  DescribeExportOutput,
  ExportDescription,
  ExportTableToPointInTimeInput,
  ExportTableToPointInTimeOutput,
  ListExportsInput,
  ListExportsOutput,
} from '@aws-sdk/client-dynamodb';

import { requireOneOf } from '../../kernel/constraint.ts';
import { AwsError, notSupported } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onArn, onTable } from './access.ts';
import { tableNotFound, validation } from './errors.ts';
import { folderOf, type Exports, type TableExport } from './exports.ts';
import { tableArn, tableName } from './names.ts';
import { requireExportTime } from './recovery.ts';
import type { TableKeys } from './table-keys.ts';
import type { Tables } from './tables.ts';

const LIST_LIMIT = 25;

/** How long a token stands for the request that it came with first. */
const TOKEN_MILLISECONDS = 8 * 3_600_000;

interface Parts {
  readonly tables: Tables;
  readonly keys: TableKeys;
  readonly exports: Exports;
}

export function exportOperations({ tables, keys, exports }: Parts) {
  return {
    ExportTableToPointInTime: {
      access: ({ TableArn }: ExportTableToPointInTimeInput, call: Call): Access[] => [
        onTable(tables, 'ExportTableToPointInTime', TableArn, call),
      ],
      run: async (input: ExportTableToPointInTimeInput, call: Call): Promise<ExportTableToPointInTimeOutput> => {
        requireFullExport(input);
        await tables.ready(call.region);
        const name = tableName(call, input.TableArn);
        const settings = tables.find(call.region, name);
        if (!settings) throw tableNotFound(name);
        const { S3Bucket, S3BucketOwner, S3Prefix, S3SseAlgorithm, S3SseKmsKeyId, ClientToken: token } = input;
        const request = { S3Bucket, S3BucketOwner, S3Prefix, S3SseAlgorithm, S3SseKmsKeyId };
        const sent = exports
          .list(call.region)
          .find(({ clientToken, startedAt }) => clientToken === token && startedAt > call.now - TOKEN_MILLISECONDS);
        if (sent) return { ExportDescription: description(requireSame(sent, input, call)) };
        const at = requireExportTime(name, settings.recovery, input.ExportTime, call.now);
        if (settings.encryption?.kind === 'customer') await keys.requireUsable(call, name, settings.encryption);
        const source = await tables.describe(call, name);
        const begun = exports.begin(call, source, at, { ...request, ...(token !== undefined && { token }) });
        return { ExportDescription: description(begun) };
      },
    },
    DescribeExport: {
      access: ({ ExportArn = '*' }: DescribeExportInput): Access[] => [onArn(tables, 'DescribeExport', ExportArn)],
      run: ({ ExportArn }: DescribeExportInput): DescribeExportOutput => {
        const found = exports.find(ExportArn!);
        if (!found) throw new AwsError('ExportNotFoundException', `Export not found: ${ExportArn}`);
        return { ExportDescription: description(found) };
      },
    },
    ListExports: {
      access: (): Access[] => [{ action: 'dynamodb:ListExports', resource: '*' }],
      run: ({ TableArn, MaxResults = LIST_LIMIT, NextToken }: ListExportsInput, call: Call): ListExportsOutput => {
        if (MaxResults < 1 || MaxResults > LIST_LIMIT) {
          throw validation(`MaxResults has to be between 1 and ${LIST_LIMIT}`);
        }
        const of = TableArn && tableArn(call, tableName(call, TableArn));
        const found = exports.list(call.region).filter((value) => !of || value.tableArn === of);
        const first = NextToken === undefined ? 0 : found.findIndex(({ arn }) => arn === NextToken);
        if (first < 0) throw validation('Invalid NextToken');
        return {
          ExportSummaries: found.slice(first, first + MaxResults).map(({ arn, status }) => ({
            ExportArn: arn,
            ExportStatus: status,
            ExportType: 'FULL_EXPORT',
          })),
          NextToken: found[first + MaxResults]?.arn,
        };
      },
    },
  };
}

function requireFullExport(input: ExportTableToPointInTimeInput): void {
  if (input.ExportType !== undefined && input.ExportType !== 'FULL_EXPORT') {
    throw notSupported(`ExportType ${input.ExportType} is not supported here: FULL_EXPORT is.`);
  }
  if (input.ExportFormat !== undefined && input.ExportFormat !== 'DYNAMODB_JSON') {
    throw notSupported(`ExportFormat ${input.ExportFormat} is not supported here: DYNAMODB_JSON is.`);
  }
  requireOneOf(input.S3SseAlgorithm, 's3SseAlgorithm', ['AES256', 'KMS'], validation);
  if (input.S3SseKmsKeyId !== undefined && input.S3SseAlgorithm !== 'KMS') {
    throw validation('S3SseKmsKeyId is for the S3SseAlgorithm KMS');
  }
}

/** A request sent again. Refuses another one under its token. */
function requireSame(sent: TableExport, input: ExportTableToPointInTimeInput, call: Call): TableExport {
  const { request, tableArn: table, exportTime } = sent;
  const same =
    table === tableArn(call, tableName(call, input.TableArn)) &&
    (input.ExportTime === undefined || input.ExportTime.getTime() === exportTime) &&
    (['S3Bucket', 'S3BucketOwner', 'S3Prefix', 'S3SseAlgorithm', 'S3SseKmsKeyId'] as const).every(
      (name) => request[name] === input[name],
    );
  if (same) return sent;
  throw new AwsError('ExportConflictException', 'The client token is that of an export with other parameters');
}

const description = (of: TableExport): ExportDescription => ({
  ExportArn: of.arn,
  ExportStatus: of.status,
  StartTime: new Date(of.startedAt),
  ...(of.endedAt !== undefined && { EndTime: new Date(of.endedAt) }),
  ...(of.status === 'COMPLETED' && { ExportManifest: `${folderOf(of)}/manifest-summary.json` }),
  TableArn: of.tableArn,
  TableId: of.tableId,
  ExportTime: new Date(of.exportTime),
  ClientToken: of.clientToken,
  ...of.request,
  S3SseAlgorithm: of.request.S3SseAlgorithm ?? 'AES256',
  ...(of.failure && { FailureCode: of.failure.code, FailureMessage: of.failure.message }),
  ExportFormat: 'DYNAMODB_JSON',
  ...(of.sizeBytes !== undefined && { BilledSizeBytes: of.sizeBytes }),
  ...(of.itemCount !== undefined && { ItemCount: of.itemCount }),
  ExportType: 'FULL_EXPORT',
});
