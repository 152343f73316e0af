/** Shell completions, made from the tables that the verbs parse with. */
import { VERBS } from '../src/cli/verbs.ts';

/** The scripts, by the path below /usr/share where a shell looks for them. */
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

/** Every verb with its options as typed, `--name` and `-n`. */
async function options(): Promise<Map<string, string[]>> {
  const verbs = new Map<string, string[]>();
  for (const [name, { load }] of Object.entries(VERBS)) {
    const { OPTIONS } = await load();
    const words = Object.entries(OPTIONS).flatMap(([option, { short }]) =>
      short === undefined ? [`--${option}`] : [`--${option}`, `-${short}`],
    );
    verbs.set(name, [...new Set([...words, '--help'])]);
  }
  return verbs;
}
