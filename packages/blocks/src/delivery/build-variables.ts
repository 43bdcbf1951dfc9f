// The variables of a build: plain ones, and ones that are kept elsewhere and read when a build starts.
import type { Role } from '../security/role.ts';
import { Stack } from '../stack.ts';

/** A variable's value: plain, or kept in Parameter Store or Secrets Manager and read when a build starts. */
export type BuildVariable = string | { readonly parameter: string } | { readonly secretArn: string };

type BuildVariables = Readonly<Record<string, BuildVariable>>;

const SECRET_NAME = /secret|token|passw|credential|private_?key|api_?key|access_?key/i;

/** Names of plain variables that sound like secrets. */
export const plainSecrets = (variables: BuildVariables): string[] =>
  Object.keys(variables).filter((name) => SECRET_NAME.test(name) && typeof variables[name] === 'string');

/** The variables as Terraform has them; lets `role` read the ones that are kept elsewhere, and no others. */
export function readVariables(variables: BuildVariables, role: Role): { name: string; value: string; type: string }[] {
  return Object.entries(variables).map(([name, value]) => {
    if (typeof value === 'string') return { name, value, type: 'PLAINTEXT' };
    if ('parameter' in value) {
      const arn = Stack.of(role).arnOf('ssm', `parameter/${value.parameter.replace(/^\//, '')}`);
      role.allow({ actions: ['ssm:GetParameters'], resources: [arn] });
      return { name, value: value.parameter, type: 'PARAMETER_STORE' };
    }
    role.allow({ actions: ['secretsmanager:GetSecretValue'], resources: [value.secretArn] });
    return { name, value: value.secretArn, type: 'SECRETS_MANAGER' };
  });
}
