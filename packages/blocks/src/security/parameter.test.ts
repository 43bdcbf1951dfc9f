import { describe, expect, test } from 'vitest';

import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { Parameter, type ParameterProps } from './parameter.ts';

const ARN = 'arn:aws:ssm:us-east-1:{account}:parameter/shop/url';

const testParameter = (stack = testStack(), props: Partial<ParameterProps> = {}) =>
  new Parameter(stack, 'url', { name: '/shop/url', description: 'The shop', value: 'https://shop', ...props });

describe('Parameter', () => {
  test('is a text that plans show, or a list of texts', () => {
    const stack = testStack();
    testParameter(stack, { allowedPattern: 'https://.*' });
    expect(addresses(stack)).toEqual(['aws_ssm_parameter.url']);
    expect(resource(stack, 'aws_ssm_parameter.url')).toMatchInlineSnapshot(`
      {
        "allowed_pattern": "https://.*",
        "description": "The shop",
        "insecure_value": "https://shop",
        "name": "/shop/url",
        "type": "String",
      }
    `);

    const list = testStack();
    testParameter(list, { value: ['a', 'b'] });
    expect(resource(list, 'aws_ssm_parameter.url')).toMatchObject({ insecure_value: 'a,b', type: 'StringList' });
  });

  test('grants name exact actions on this parameter', () => {
    const read = testStack();
    testParameter(read).grantRead(testRole(read));
    expect(grants(read)).toEqual([`ssm:GetParameter on ${ARN}`, `ssm:GetParameters on ${ARN}`]);

    const inspect = testStack();
    testParameter(inspect).grantInspect(testRole(inspect));
    expect(grants(inspect)).toEqual([
      'ssm:DescribeParameters on *',
      `ssm:GetParameter on ${ARN}`,
      `ssm:ListTagsForResource on ${ARN}`,
    ]);
  });

  test.each([
    [{ name: 'shop/url' }, "'shop/url' is not a parameter's path"],
    [{ name: '/aws/url' }, "'/aws/url' is not a parameter's path"],
    [{ value: '' }, "the value of '/shop/url' has 0 bytes"],
    [{ value: 'x'.repeat(4097) }, "the value of '/shop/url' has 4097 bytes"],
    [{ value: ['a', 'b,c'] }, "an item of the list '/shop/url' is empty or has a comma in it"],
  ])('%o is refused', (props, message) => {
    expect(() => testParameter(testStack(), props)).toThrow(message);
  });
});
