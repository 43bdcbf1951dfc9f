// A Terraform plan as `terraform show -json` writes it; only what the guard looks at.
// https://developer.hashicorp.com/terraform/internals/json-format

export interface Plan {
  readonly format_version?: string;
  /** Absent before Terraform 1.4. */
  readonly errored?: boolean;
  readonly resource_changes?: readonly ResourceChange[];
  /** What was found to have changed outside of Terraform. */
  readonly resource_drift?: readonly ResourceChange[];
  readonly prior_state?: { readonly values?: { readonly root_module?: Module } };
}

export interface ResourceChange {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Values | null;
    readonly after: Values | null;
    /** Set where the plan would import. */
    readonly importing?: unknown;
  };
}

export type Values = Readonly<Record<string, unknown>>;

interface Module {
  readonly resources?: readonly { readonly mode: string }[];
  readonly child_modules?: readonly Module[];
}

/** Changes of managed resources, but not the ones that are none. */
export const realChanges = ({ resource_changes: changes = [] }: Plan): ResourceChange[] =>
  changes.filter(({ mode, change }) => mode === 'managed' && !change.actions.every((action) => action === 'no-op'));

/** Whether Terraform knew of anything before this plan: a lost state looks like a system that was never built. */
export const knewNothing = ({ prior_state: prior, resource_drift: drift = [] }: Plan): boolean =>
  drift.length === 0 && countManaged(prior?.values?.root_module) === 0;

const countManaged = (module: Module | undefined): number =>
  (module?.resources ?? []).filter(({ mode }) => mode === 'managed').length +
  (module?.child_modules ?? []).reduce((sum, child) => sum + countManaged(child), 0);
