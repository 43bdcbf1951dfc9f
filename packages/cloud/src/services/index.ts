// Every service of the cloud, in the order in which they start.
import type { Kernel, Service } from '../kernel/service.ts';

export type ServiceFactory = (kernel: Kernel) => Service;

/** Loaded together when a cloud starts, so that a program which only needs their types pays nothing. */
export const loadServices = (): Promise<ServiceFactory[]> =>
  Promise.all([
    import('./iam/index.ts').then(({ iam }) => iam),
    import('./sts/index.ts').then(({ sts }) => sts),
    import('./kms/index.ts').then(({ kms }) => kms),
    import('./logs/index.ts').then(({ logs }) => logs),
    import('./cloudwatch/index.ts').then(({ cloudwatch }) => cloudwatch),
    import('./cloudtrail/index.ts').then(({ cloudtrail }) => cloudtrail),
    import('./events/index.ts').then(({ events }) => events),
    import('./scheduler/index.ts').then(({ scheduler }) => scheduler),
    import('./sqs/index.ts').then(({ sqs }) => sqs),
    import('./codebuild/index.ts').then(({ codebuild }) => codebuild),
    import('./s3/index.ts').then(({ s3 }) => s3),
    import('./secrets-manager/index.ts').then(({ secretsManager }) => secretsManager),
    import('./ssm/index.ts').then(({ ssm }) => ssm),
    import('./dynamodb/index.ts').then(({ dynamodb }) => dynamodb),
    import('./dynamodb-streams/index.ts').then(({ dynamodbStreams }) => dynamodbStreams),
    import('./lambda/index.ts').then(({ lambda }) => lambda),
    import('./sns/index.ts').then(({ sns }) => sns),
  ]);
