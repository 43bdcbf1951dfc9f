// A buildspec's phases as one shell script: what a command exports or where it goes to lasts to the end of the build.
import type { Buildspec, BuildspecPhase } from './buildspec.ts';

export interface BuildScript {
  readonly script: string;
  /** Each command's own file, by name: none has to be quoted. */
  readonly files: ReadonlyMap<string, string>;
}

/** What the script says between the commands' own output. */
export type Mark =
  | { readonly kind: 'phase'; readonly phase: string }
  | { readonly kind: 'command'; readonly file: string }
  | { readonly kind: 'failed'; readonly file: string; readonly code: number }
  /** A phase that may be tried again has failed: the script waits for an answer. */
  | { readonly kind: 'again'; readonly phase: string }
  | { readonly kind: 'done'; readonly phase: string; readonly ok: boolean }
  /** A variable that is exported, or the name of an artifact: empty for the primary one. */
  | { readonly kind: 'export' | 'artifact'; readonly name: string; readonly value: string };

/** What the script reads where it asks whether a phase is tried again. */
export const ANSWERS = { again: 'again', enough: 'enough' } as const;

const ENCODED = "base64 | tr -d '\\n'";

/** Makes the script. `token` is a word that no command can guess; lines that begin with it are marks. */
export function compileScript(buildspec: Buildspec, token: string): BuildScript {
  const files = new Map<string, string>();
  const phases = buildspec.phases.map((phase) => compilePhase(phase, files, buildspec.isolated));
  const exports = buildspec.exportedVariables.map(
    (name) => `plinth_mark "export ${name} $(printf %s "\${${name}-}" | ${ENCODED})"`,
  );
  const artifacts = Object.entries({ '': buildspec.artifacts, ...buildspec.artifacts?.secondary });
  const names = artifacts.flatMap(([identifier, artifact], index) => {
    if (artifact?.name === undefined) return [];
    const file = `artifact-name-${index}`;
    // Quotes mean nothing in a name, but all they mean in the commands within it.
    files.set(file, `cat <<plinth_end\n${artifact.name}\nplinth_end`);
    return [`plinth_mark "artifact =${identifier} $(. "$PLINTH_COMMANDS/${file}" | ${ENCODED})"`];
  });
  return {
    files,
    script: [
      '# Runs the phases of a buildspec; ends with its whole process group when whoever started it is gone.',
      'exec 4<&0 0</dev/null 2>&1',
      '( cat <&4 >/dev/null; kill -KILL -- "-$$" ) >/dev/null 2>&1 &',
      'exec 4<&-',
      'exec 9<&3 3<&-',
      // The words begin on a line of their own, whatever the command before printed.
      `plinth_mark() { printf '\\n${token} %s\\n' "$1"; }`,
      'plinth_go=1',
      'export CODEBUILD_BUILD_SUCCEEDING=1',
      ...phases,
      ...exports,
      ...names,
      'exit 0',
      '',
    ].join('\n'),
  };
}

/** Reads a line; undefined where it is a command's own output. */
export function readMark(line: string, token: string): Mark | undefined {
  if (!line.startsWith(`${token} `)) return undefined;
  const [kind, first = '', second = ''] = line.slice(token.length + 1).split(' ');
  switch (kind) {
    case 'phase':
      return { kind, phase: first };
    case 'command':
      return { kind, file: first };
    case 'failed':
      return { kind, file: first, code: Number(second) };
    case 'again':
      return { kind, phase: first };
    case 'done':
      return { kind, phase: first, ok: second === '1' };
    case 'artifact':
      return { kind, name: first.slice(1), value: Buffer.from(second, 'base64').toString().trim() };
    default:
      return { kind: 'export', name: first, value: Buffer.from(second, 'base64').toString() };
  }
}

// post_build runs after a build that failed, as in CodeBuild, unless on-failure says otherwise; every other phase only
// after success.
function compilePhase(phase: BuildspecPhase, files: Map<string, string>, isolated: boolean): string {
  const run = (kind: string, commands: readonly string[], stopAtFailure: boolean) =>
    commands.map((command, index) => {
      const file = `${phase.name}-${kind}-${index}`;
      files.set(file, command);
      const body = [
        `plinth_mark 'command ${file}'`,
        isolated ? `( . "$PLINTH_COMMANDS/${file}" )` : `. "$PLINTH_COMMANDS/${file}"`,
        'plinth_code=$?',
        `if [ "$plinth_code" -ne 0 ]; then plinth_ok=0; plinth_mark "failed ${file} $plinth_code"; fi`,
      ].join('\n');
      return stopAtFailure ? `if [ "$plinth_ok" = 1 ]; then\n${body}\nfi` : body;
    });
  const after = {
    ABORT: 'plinth_go=0',
    CONTINUE: ':',
    unsaid: phase.name === 'build' ? 'plinth_go=post' : 'plinth_go=0',
  }[phase.onFailure ?? 'unsaid'];
  const condition = phase.name === 'post_build' ? '[ "$plinth_go" != 0 ]' : '[ "$plinth_go" = 1 ]';
  return [
    `if ${condition}; then`,
    `plinth_mark 'phase ${phase.name}'`,
    'while :; do',
    'plinth_ok=1',
    ...run('command', phase.commands, true),
    ...run('finally', phase.finally, false),
    ...(phase.retry
      ? [
          'if [ "$plinth_ok" = 1 ]; then break; fi',
          `plinth_mark "again ${phase.name}"`,
          `read -r plinth_answer <&9; if [ "$plinth_answer" != ${ANSWERS.again} ]; then break; fi`,
        ]
      : ['break']),
    'done',
    `plinth_mark "done ${phase.name} $plinth_ok"`,
    `if [ "$plinth_ok" = 0 ]; then CODEBUILD_BUILD_SUCCEEDING=0; ${after}; fi`,
    'fi',
  ].join('\n');
}
