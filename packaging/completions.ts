/** What shells complete of a command line, made from the tables that the verbs parse with. */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ParseArgsOptionsConfig } from 'node:util';
import { ROOT } from './build.ts';

/** The scripts by where a shell looks for them, below /usr/share. */
export async function completions(): Promise<Record<string, string>> {
  const verbs = await options();
  const names = [...verbs.keys(), '--help', '--version'].join(' ');
  const cases = [...verbs].map(([verb, words]) => `    ${verb}) offer='${words.join(' ')}' ;;`);
  const choose = `  case $verb in
${cases.join('\n')}
    *) offer='' ;;
  esac`;
  const fish = [...verbs].map(
    ([verb, words]) =>
      `complete -c denywatch -n '__fish_seen_subcommand_from ${verb}' -a '${words.join(' ')}'`,
  );
  return {
    'bash-completion/completions/denywatch': `_denywatch() {
  local cur=\${COMP_WORDS[COMP_CWORD]} verb=\${COMP_WORDS[1]} offer
${choose}
  [ "$COMP_CWORD" -eq 1 ] && offer='${names}'
  if [ "$COMP_CWORD" -eq 1 ] || [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$offer" -- "$cur")
  fi
}
complete -o default -F _denywatch denywatch
`,
    'zsh/vendor-completions/_denywatch': `#compdef denywatch
local verb=\${words[2]}
if (( CURRENT == 2 )); then
  compadd -- ${names}
elif [[ $PREFIX == -* ]]; then
  local offer
${choose}
  compadd -- \${=offer}
else
  _files
fi
`,
    'fish/vendor_completions.d/denywatch.fish': `complete -c denywatch -n __fish_use_subcommand -f -a '${names}'
${fish.join('\n')}
`,
  };
}

/** Every verb with its options as they are typed, `--name` and `-n`. */
async function options(): Promise<Map<string, string[]>> {
  const verbs = new Map<string, string[]>();
  for (const path of globSync(join(ROOT, 'src/cli/*.ts')).toSorted()) {
    const { OPTIONS } = (await import(path)) as { OPTIONS?: ParseArgsOptionsConfig };
    if (OPTIONS === undefined) continue;
    const words = Object.entries(OPTIONS).flatMap(([name, { short }]) =>
      short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`],
    );
    verbs.set(basename(path, '.ts'), [...new Set([...words, '--help'])]);
  }
  return verbs;
}
