// Outputs that go on: events in AWS's binary framing, one by one as they come.
// https://smithy.io/2.0/aws/amazon-eventstream.html
import { pipeline, Readable, Transform } from 'node:stream';

import { EventStreamCodec } from '@smithy/core/event-streams';
import type { NormalizedSchema } from '@smithy/core/schema';

import { utf8 } from './protocols/protocol.ts';

export const EVENT_STREAM = 'application/vnd.amazon.eventstream';

/** Writes a structure as a document of the protocol. */
type Write = (schema: NormalizedSchema, value: Record<string, unknown>) => string;

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : utf8(bytes)),
  (text) => Buffer.from(text),
);

/**
 * The events of an output's streaming member, `{ <event>: {…} }` each, after one that holds its other members, as RPC
 * protocols have it. What feeds the stream is destroyed with it.
 */
export function writeEvents(
  output: NormalizedSchema,
  value: Record<string, unknown>,
  contentType: string,
  write: Write,
): Readable {
  const name = output.getEventStreamMember();
  const { [name]: events, ...others } = value;
  const union = output.getMemberSchema(name);
  const frame = (type: string, kind: 'event' | 'exception', body: string) =>
    codec.encode({
      headers: {
        ':message-type': { type: 'string', value: kind },
        [`:${kind}-type`]: { type: 'string', value: type },
        ':content-type': { type: 'string', value: contentType },
      },
      body: Buffer.from(body),
    });
  const frames = new Transform({
    writableObjectMode: true,
    transform: (event: Record<string, Record<string, unknown>>, _encoding, done) => {
      const [type, members] = Object.entries(event)[0]!;
      const schema = union.getMemberSchema(type);
      done(null, frame(type, 'error' in schema.getMergedTraits() ? 'exception' : 'event', write(schema, members)));
    },
  });
  frames.push(frame('initial-response', 'event', write(output, others)));
  const source = events instanceof Readable ? events : Readable.from(events as AsyncIterable<unknown>);
  return pipeline(source, frames, () => {});
}
