// Function URLs over plain HTTP: signed by hand or by nobody, by host name and by path.
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { send, sendSigned } from '../../wire/signed-request.ts';
import { TestLambda } from './test-lambda.ts';

let test: TestLambda;

beforeAll(async () => {
  test = await TestLambda.start();
});

afterAll(() => test.stop());

/** A function with a URL; the answer has the host to send to. */
async function withUrl(name: string, code: string, AuthType: 'AWS_IAM' | 'NONE', more: object = {}): Promise<string> {
  await test.create(name, code);
  const answer = await test.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType, ...more }));
  expect(answer.FunctionUrl).toMatch(/^http:\/\/[0-9a-f]{32}\.lambda-url\.us-east-1\.localhost:\d+\/$/);
  return new URL(answer.FunctionUrl!).host;
}

/** Lets everybody use the URL, with both rights that it takes. */
async function open(FunctionName: string): Promise<void> {
  const permission = { FunctionName, Principal: '*' };
  await test.lambda.send(
    new AddPermissionCommand({
      ...permission,
      StatementId: 'url',
      Action: 'lambda:InvokeFunctionUrl',
      FunctionUrlAuthType: 'NONE',
    }),
  );
  await test.lambda.send(
    new AddPermissionCommand({
      ...permission,
      StatementId: 'invoke',
      Action: 'lambda:InvokeFunction',
      InvokedViaFunctionUrl: true,
    }),
  );
}

const ECHO = 'export const handler = async (event) => event;';

describe('a URL that asks for signatures', () => {
  it('gives the function the request and who sent it', async () => {
    const host = await withUrl('signed', ECHO, 'AWS_IAM');
    const answer = await sendSigned(test.cloud, {
      service: 'lambda',
      method: 'PUT',
      path: '/v1/consent/org-1?a=1&a=2&b=%20',
      headers: { host, 'content-type': 'application/json', cookie: 'x=1; y=2' },
      body: '{"granted":true}',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/v1/consent/org-1',
      rawQueryString: 'a=1&a=2&b=%20',
      cookies: ['x=1', 'y=2'],
      queryStringParameters: { a: '1,2', b: ' ' },
      headers: expect.objectContaining({
        host,
        'content-type': 'application/json',
        'x-forwarded-proto': 'http',
        'x-forwarded-port': String(test.cloud.port),
        'x-amzn-trace-id': expect.stringMatching(/^Root=/),
      }),
      requestContext: {
        accountId: '000000000000',
        apiId: host.split('.')[0],
        authorizer: {
          iam: {
            accessKey: test.cloud.credentials.accessKeyId,
            accountId: '000000000000',
            callerId: '000000000000',
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: 'arn:aws:iam::000000000000:root',
            userId: '000000000000',
          },
        },
        domainName: host.split(':')[0],
        domainPrefix: host.split('.')[0],
        http: {
          method: 'PUT',
          path: '/v1/consent/org-1',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: '',
        },
        requestId: expect.any(String),
        routeKey: '$default',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{"granted":true}',
      isBase64Encoded: false,
    });
  });

  it('refuses whoever does not sign, signs wrongly, or may not', async () => {
    const host = await withUrl('closed', ECHO, 'AWS_IAM');
    const forbidden = { status: 403, body: expect.stringMatching(/^\{"Message":".+"\}$/) };
    expect(await send(test.cloud.port, { headers: { host } })).toMatchObject(forbidden);
    expect(await sendSigned(test.cloud, { service: 's3', headers: { host } })).toMatchObject(forbidden);
    const wrong = { ...test.cloud.credentials, secretAccessKey: 'wrong' };
    const cloud = { port: test.cloud.port, credentials: wrong };
    expect(await sendSigned(cloud, { service: 'lambda', headers: { host } })).toMatchObject(forbidden);
    await open('closed');
    // What is open to unsigned requests says nothing of signed ones.
    expect(await send(test.cloud.port, { headers: { host } })).toMatchObject(forbidden);
  });

  it('answers under its path as well', async () => {
    const host = await withUrl('by-path', 'export const handler = async (event) => event.rawPath;', 'AWS_IAM');
    const path = `/_lambda-url/${host.split('.')[0]}/v1/x`;
    expect(await sendSigned(test.cloud, { service: 'lambda', path })).toMatchObject({ status: 200, body: '"/v1/x"' });
    expect(await sendSigned(test.cloud, { service: 'lambda', path: '/_lambda-url/none/' })).toMatchObject({
      status: 403,
    });
  });
});

describe('a URL for everybody', () => {
  it('needs both rights in the function’s policy', async () => {
    const host = await withUrl('public', 'export const handler = async () => "in";', 'NONE');
    expect(await send(test.cloud.port, { headers: { host } })).toMatchObject({ status: 403 });
    await open('public');
    expect(await send(test.cloud.port, { headers: { host } })).toMatchObject({ status: 200, body: '"in"' });
  });

  it('answers what the function says: status, headers, cookies and bytes, or 502 where it failed', async () => {
    const code = `export const handler = async ({ rawPath }) => {
      if (rawPath === '/bytes') return { statusCode: 201, headers: { 'Content-Type': 'image/png' }, cookies: ['a=1; Secure', 'b=2'], body: 'AAEC', isBase64Encoded: true };
      if (rawPath === '/object') return { statusCode: 418, body: { short: true } };
      if (rawPath === '/fails') throw new Error('secret reason');
      return { any: 'value' };
    };`;
    const host = await withUrl('speaker', code, 'NONE');
    await open('speaker');
    const get = (path: string) => send(test.cloud.port, { path, headers: { host } });
    const bytes = await get('/bytes');
    expect(bytes).toMatchObject({ status: 201, body: '\u0000\u0001\u0002' });
    expect(bytes.headers).toMatchObject({ 'content-type': 'image/png', 'set-cookie': ['a=1; Secure', 'b=2'] });
    expect(await get('/object')).toMatchObject({ status: 418, body: '{"short":true}' });
    expect(await get('/')).toMatchObject({ status: 200, body: '{"any":"value"}' });
    expect(await get('/fails')).toMatchObject({ status: 502, body: '{"Message":"Internal Server Error"}' });
    const none = { FunctionName: 'speaker', ReservedConcurrentExecutions: 0 };
    await test.lambda.send(new PutFunctionConcurrencyCommand(none));
    expect(await get('/')).toMatchObject({ status: 429 });
  });

  it('answers pages of the origins that it allows', async () => {
    const Cors = {
      AllowOrigins: ['https://a.example'],
      AllowMethods: ['GET', 'PUT'],
      AllowHeaders: ['x-own'],
      MaxAge: 60,
    };
    const host = await withUrl('cors', 'export const handler = async () => 1;', 'NONE', { Cors });
    await open('cors');
    const preflight = await send(test.cloud.port, {
      method: 'OPTIONS',
      headers: { host, origin: 'https://a.example', 'access-control-request-method': 'PUT' },
    });
    expect(preflight).toMatchObject({ status: 200, body: '' });
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'x-own',
      'access-control-max-age': '60',
    });
    const get = (origin: string) => send(test.cloud.port, { headers: { host, origin } });
    expect((await get('https://a.example')).headers).toHaveProperty('access-control-allow-origin');
    expect((await get('https://b.example')).headers).not.toHaveProperty('access-control-allow-origin');
  });
});

it('a URL is changed without changing its name, and streams are refused', async () => {
  const host = await withUrl('kept', ECHO, 'AWS_IAM');
  await test.lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'kept', AuthType: 'NONE' }));
  const found = await test.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'kept' }));
  expect(found).toMatchObject({ AuthType: 'NONE', FunctionUrl: `http://${host}/` });
  const stream = new UpdateFunctionUrlConfigCommand({ FunctionName: 'kept', InvokeMode: 'RESPONSE_STREAM' });
  await expect(test.lambda.send(stream)).rejects.toMatchObject({ name: 'NotImplemented' });
});
