// Validation as a list of rules, so that a block's demands on its props can be read in one place.
import { Token } from 'cdktn';

import { UserError } from './errors.ts';

export interface Rule<Props> {
  readonly code: string;
  readonly holds: (props: Props) => boolean;
  /** What is wrong, with the value. */
  readonly says: (props: Props) => string;
  readonly fix: string;
}

/** Throws the first broken rule as a `UserError`. */
export function validate<Props>(rules: readonly Rule<Props>[], props: Props): void {
  const broken = rules.find((rule) => !rule.holds(props));
  if (broken) throw new UserError(broken.code, broken.says(props), broken.fix);
}

/** A name in which whatever Terraform fills in later stands as an account id would: twelve digits. */
export const filledIn = (name: string): string =>
  Token.isUnresolved(name) ? name.replaceAll(/\$\{[^}]*\}/g, '000000000000') : name;
