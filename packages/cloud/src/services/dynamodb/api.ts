// The DynamoDB operations that dynoxide answers, in the SDK's types.
import type * as sdk from '@aws-sdk/client-dynamodb';

export interface EngineApi {
  BatchExecuteStatement: [sdk.BatchExecuteStatementInput, sdk.BatchExecuteStatementOutput];
  BatchGetItem: [sdk.BatchGetItemInput, sdk.BatchGetItemOutput];
  BatchWriteItem: [sdk.BatchWriteItemInput, sdk.BatchWriteItemOutput];
  CreateTable: [sdk.CreateTableInput, sdk.CreateTableOutput];
  DeleteItem: [sdk.DeleteItemInput, sdk.DeleteItemOutput];
  DeleteTable: [sdk.DeleteTableInput, sdk.DeleteTableOutput];
  DescribeTable: [sdk.DescribeTableInput, sdk.DescribeTableOutput];
  DescribeTimeToLive: [sdk.DescribeTimeToLiveInput, sdk.DescribeTimeToLiveOutput];
  ExecuteStatement: [sdk.ExecuteStatementInput, sdk.ExecuteStatementOutput];
  ExecuteTransaction: [sdk.ExecuteTransactionInput, sdk.ExecuteTransactionOutput];
  GetItem: [sdk.GetItemInput, sdk.GetItemOutput];
  ListTables: [sdk.ListTablesInput, sdk.ListTablesOutput];
  ListTagsOfResource: [sdk.ListTagsOfResourceInput, sdk.ListTagsOfResourceOutput];
  PutItem: [sdk.PutItemInput, sdk.PutItemOutput];
  Query: [sdk.QueryInput, sdk.QueryOutput];
  Scan: [sdk.ScanInput, sdk.ScanOutput];
  TagResource: [sdk.TagResourceInput, object];
  TransactGetItems: [sdk.TransactGetItemsInput, sdk.TransactGetItemsOutput];
  TransactWriteItems: [sdk.TransactWriteItemsInput, sdk.TransactWriteItemsOutput];
  UntagResource: [sdk.UntagResourceInput, object];
  UpdateItem: [sdk.UpdateItemInput, sdk.UpdateItemOutput];
  UpdateTable: [sdk.UpdateTableInput, sdk.UpdateTableOutput];
  UpdateTimeToLive: [sdk.UpdateTimeToLiveInput, sdk.UpdateTimeToLiveOutput];
}

export type EngineOperation = keyof EngineApi;
export type Input<Name extends EngineOperation> = EngineApi[Name][0];
export type Output<Name extends EngineOperation> = EngineApi[Name][1];
