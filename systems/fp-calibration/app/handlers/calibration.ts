// GET /v1/calibration/{ruleId}?version&weeks, and GET /v1/calibration for all rules that have an answer.
// IAM: dynamodb Query on the calibration table's rule-index, and nothing else.
import { calibrationTable } from '../aws/calibration-table.ts';
import { serve, type DirectEvent, type HttpEvent, type InvocationContext } from '../aws/http.ts';
import { ask, askAll } from '../domain/calibration.ts';
import { insufficient } from '../domain/refusal.ts';
import { checkQuestion } from '../schema/requests.ts';

export const handler = (event: HttpEvent | DirectEvent, context: InvocationContext) =>
  serve(event, context, async ({ method, path, query }) => {
    const [version, noun, ruleId, ...more] = path;
    if (method !== 'GET' || version !== 'v1' || noun !== 'calibration' || more.length > 0) {
      return { status: 404, error: 'NOT_FOUND' };
    }
    const checked = checkQuestion({ ...query, ...(ruleId !== undefined && { ruleId }) });
    if (checked.value === undefined) return checked.refusal;
    const { ruleId: rule, ...question } = checked.value;
    if (rule === undefined) return { status: 200, rules: await askAll(calibrationTable, question, Date.now()) };
    const answer = await ask(calibrationTable, { ruleId: rule, ...question }, Date.now());
    return answer ? { status: 200, ...answer } : insufficient();
  });
