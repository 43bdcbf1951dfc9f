// Invoking functions through the AWS SDK: what they see, what they answer, and how they fail.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { TestLambda } from './test-lambda.ts';

let test: TestLambda;

beforeAll(async () => {
  test = await TestLambda.start();
});

afterAll(() => test.stop());

describe('a function', () => {
  it('answers what its handler returns, and writes its lines to its log', async () => {
    await test.create(
      'greeter',
      `export const handler = async (event, context) => {
        console.log('hello', event.name);
        console.error('two\\nlines');
        process.stdout.write('{"_aws":{}}\\n');
        return { greeting: 'hello ' + event.name, id: context.awsRequestId };
      };`,
    );
    const { status, error, value, version, log } = await test.invoke('greeter', { name: 'world' });
    expect({ status, error, version }).toEqual({ status: 200, error: undefined, version: '$LATEST' });
    expect(value).toEqual({ greeting: 'hello world', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const { id } = value;
    const line = (level: string, text: string) => expect.stringMatching(`^[0-9T:.-]+Z\t${id}\t${level}\t${text}$`);
    await vi.waitFor(async () =>
      expect(await test.logLines('greeter')).toEqual([
        'INIT_START Runtime Version: nodejs:24',
        `START RequestId: ${id} Version: $LATEST`,
        line('INFO', 'hello world'),
        line('ERROR', 'two\nlines'),
        '{"_aws":{}}',
        `END RequestId: ${id}`,
        expect.stringMatching(
          `^REPORT RequestId: ${id}\tDuration: [0-9.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 128 MB\tMax Memory Used: \\d+ MB\tInit Duration: [0-9.]+ ms$`,
        ),
      ]),
    );
    expect(log).toContain(`START RequestId: ${id}`);
    expect(log).toContain('hello world');
  });
});
