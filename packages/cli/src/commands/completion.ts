// plinth completion: lets a shell complete plinth's commands and options.
import { command, COMMON_OPTIONS } from '../command.ts';
import { badShell } from '../errors.ts';

export const completion = command<{ shell: string; script: string }>({
  summary: 'Print a script that lets your shell complete commands and options.',
  args: '<bash|zsh>',
  arity: [1, 1],
  examples: [
    ['eval "$(plinth completion bash)"', 'in ~/.bashrc'],
    ['eval "$(plinth completion zsh)"', 'in ~/.zshrc, after compinit'],
  ],
  run: async ({ args: [shell = ''] }) => {
    if (shell !== 'bash' && shell !== 'zsh') throw badShell(shell);
    // The list of commands loads this command: it is asked for when it is needed.
    const { commands } = await import('../commands.ts');
    const words = commands.map(({ name }) => name);
    return {
      shell,
      script: shell === 'bash' ? bashScript(words) : `autoload -U bashcompinit && bashcompinit\n${bashScript(words)}`,
    };
  },
  render: ({ script }) => script,
});

/** Completes the next word of every command that begins with the words so far; after a dash, the common options. */
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
  COMPREPLY=($(compgen -W "\${next[*]}" -- "$word"))
}
complete -F _plinth plinth ./plinth`;
}
