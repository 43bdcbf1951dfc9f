// Events from the queue, one in each message. Its sender is the one that SQS vouches for, once it has enrolled.
// IAM: as `ingest`, and what a queue's consumer needs.
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';

import { findSender } from '../aws/consent-table.ts';
import { parseBody, type InvocationContext } from '../aws/http.ts';
import { ingestionPorts, measureResults } from '../aws/ingestion-ports.ts';
import { keepSecret, measure, observed } from '../aws/telemetry.ts';
import { ingest, type Ingested } from '../domain/ingestion.ts';
import { credentialId, type Authentication } from '../domain/organization.ts';
import { invalidAuth, unavailable } from '../domain/refusal.ts';
import { checkEvent } from '../schema/event.ts';

/** What of a message is used here. */
export interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly SenderId: string };
}

type BatchEvent = Parameters<typeof processPartialResponse>[0];

export const handler = (event: { readonly Records: readonly QueueRecord[] }, { awsRequestId }: InvocationContext) =>
  observed(awsRequestId, () => {
    const consume = async (record: QueueRecord): Promise<void> => {
      const result = await resultOf(record, awsRequestId);
      measureResults([result]);
      if (comesAgain(result)) throw new Error(`The message is left to the queue: ${result.status}`);
    };
    const processor = new BatchProcessor(EventType.SQS);
    return processPartialResponse(event as BatchEvent, consume as (record: unknown) => Promise<void>, processor, {
      throwOnFullBatchFailure: false,
    });
  });

/**
 * What may go better later is tried again, and what its sender has to mend ends in the dead-letter queue for somebody to see.
 * What nobody consented to is dropped: it must not lie there for two weeks. A duplicate is most often the same message again.
 */
const comesAgain = ({ status }: Ingested): boolean => [400, 429, 503].includes(status);

async function resultOf({ body, attributes }: QueueRecord, requestId: string): Promise<Ingested> {
  const now = Date.now();
  keepSecret(attributes.SenderId, credentialId(attributes.SenderId));
  const parsed = parseBody(body);
  if ('refusal' in parsed) return parsed.refusal;
  const checked = checkEvent(parsed.value, now);
  if (checked.value === undefined) return checked.refusal;
  let sender: Authentication;
  try {
    sender = await findSender(credentialId(attributes.SenderId), now);
  } catch (error) {
    ingestionPorts.observer.consentCheckFailed(error);
    return unavailable(requestId);
  }
  if (sender.organization === undefined) return invalidAuth(sender.reason);
  keepSecret(sender.organization);
  const began = performance.now();
  const [result] = await ingest(ingestionPorts, { organization: sender.organization, requestId, now }, [checked.value]);
  measure('ingestionLatency', performance.now() - began, 'Milliseconds');
  return result ?? unavailable(requestId);
}
