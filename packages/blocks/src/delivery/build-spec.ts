// A CodeBuild buildspec as a typed object, and as the YAML that CodeBuild keeps.
import { stringify } from 'yaml';

import { literal } from '../terraform-text.ts';

export interface BuildPhase {
  /** Shell commands, one after the other in one shell; the phase fails with the first that fails. */
  readonly commands: readonly string[];
  /** Commands that run after those, even where one of them failed. */
  readonly finally?: readonly string[];
  readonly 'on-failure'?: 'ABORT' | 'CONTINUE';
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html */
export interface BuildSpec {
  readonly env?: {
    readonly shell?: 'bash' | '/bin/sh';
    readonly variables?: Readonly<Record<string, string>>;
    readonly 'exported-variables'?: readonly string[];
  };
  readonly phases: {
    readonly install?: BuildPhase & { readonly 'runtime-versions'?: Readonly<Record<string, string | number>> };
    readonly pre_build?: BuildPhase;
    readonly build?: BuildPhase;
    /** Runs after a failed `build` too. */
    readonly post_build?: BuildPhase;
  };
}

/** The buildspec as YAML, with the shell's `${…}` kept from Terraform. */
export const buildSpecYaml = (spec: BuildSpec): string =>
  literal(stringify({ version: 0.2, ...spec }, { lineWidth: 0, aliasDuplicateObjects: false }));
