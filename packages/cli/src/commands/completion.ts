// plinth completion: lets a shell complete plinth's commands and options.
import { command, COMMON_OPTIONS } from '../command.ts';
import type { Context } from '../context.ts';
import { badShell } from '../errors.ts';

export const completion = command<{ shell: string; script: string }>({
  summary: 'Print a script that lets your shell complete commands, options, and names of systems and their parts.',
  args: '<bash|zsh>',
  // `plinth completion words <word...>` is what the script itself asks.
  arity: [1, 99],
  examples: [
    ['eval "$(plinth completion bash)"', 'in ~/.bashrc'],
    ['eval "$(plinth completion zsh)"', 'in ~/.zshrc, after compinit'],
  ],
  run: async ({ args: [shell = '', ...words] }, context) => {
    if (shell === 'words') return { shell, script: (await nextWords(words, context)).join('\n') };
    if (shell !== 'bash' && shell !== 'zsh') throw badShell(shell);
    // The list of commands loads this command: it is asked for when it is needed.
    const { commands } = await import('../commands.ts');
    const names = commands.map(({ name }) => name);
    return {
      shell,
      script: shell === 'bash' ? bashScript(names) : `autoload -U bashcompinit && bashcompinit\n${bashScript(names)}`,
    };
  },
  render: ({ script }) => script,
});

/** What may stand after a command and some of its arguments. */
async function nextWords(words: readonly string[], context: Context): Promise<readonly string[]> {
  const { commands, findCommand } = await import('../commands.ts');
  const line = words.join(' ');
  if (!commands.some(({ name }) => line === name || line.startsWith(`${name} `))) return [];
  const { command: found, rest } = await findCommand(words);
  return (await found.complete?.(rest, context)) ?? [];
}

/**
 * Completes the next word of every command that begins with the words so far; after a whole command what that command
 * knows, and after a dash the common options.
 */
function bashScript(names: readonly string[]): string {
  const options = Object.keys(COMMON_OPTIONS).map((name) => `--${name}`);
  return `_plinth() {
  local word="\${COMP_WORDS[COMP_CWORD]}" line="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W '${options.join(' ')}' -- "$word"))
    return
  fi
  local command next=()
  while IFS= read -r command; do
    if [[ -z $line ]]; then next+=("\${command%% *}")
    elif [[ $command == "$line "* ]]; then command="\${command#"$line "}"; next+=("\${command%% *}"); fi
  done <<'COMMANDS'
${names.join('\n')}
COMMANDS
  if [[ -n $line && \${#next[@]} -eq 0 ]]; then
    while IFS= read -r command; do next+=("$command"); done < <("\${COMP_WORDS[0]}" completion words $line 2>/dev/null)
  fi
  COMPREPLY=($(compgen -W "\${next[*]}" -- "$word"))
}
complete -F _plinth plinth ./plinth`;
}
