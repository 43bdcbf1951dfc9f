// Takes keys that nobody asked for out of what TransactGetItems answers: the table engine adds them to every projection.
import type { RawAnswer } from '../../kernel/service.ts';
import { attributesOf, type Names } from './expressions.ts';

type Json = Readonly<Record<string, unknown>>;

/** {@link projected} of a request and an answer in JSON. */
export function projectedJson(request: string | Uint8Array, answer: RawAnswer): RawAnswer {
  const text = Buffer.from(request).toString();
  if (answer.status >= 400 || !text.includes('"ProjectionExpression"')) return answer;
  const output = projected(JSON.parse(text) as Json, JSON.parse(Buffer.from(answer.json).toString()) as Json);
  return { ...answer, json: Buffer.from(JSON.stringify(output)) };
}

/** The answer to a request, each item with the attributes of its projection alone. */
export function projected(request: object, output: object): object {
  const { TransactItems: asked = [] } = request as { TransactItems?: readonly { readonly Get?: Json }[] };
  const { Responses: responses = [] } = output as { Responses?: readonly { readonly Item?: Json }[] };
  const Responses = responses.map((response, index) => {
    const { ProjectionExpression: projection, Key, ExpressionAttributeNames } = asked[index]?.Get ?? {};
    if (response.Item === undefined || projection === undefined) return response;
    const wanted = attributesOf(projection, (ExpressionAttributeNames ?? {}) as Names);
    const unwanted = Object.keys((Key ?? {}) as Json).filter((name) => !wanted.includes(name));
    return {
      ...response,
      Item: Object.fromEntries(Object.entries(response.Item).filter(([name]) => !unwanted.includes(name))),
    };
  });
  return { ...output, Responses };
}
