/** Shell completions, made from the tables that the verbs parse with. */
import { VERBS, type Verb } from '../src/cli/verbs.ts';
import { HOSTS, type Words } from '../src/cli/words.ts';

/** A verb as a shell completes it. */
interface Completed {
  readonly name: string;
  /** Its options as typed, `--name` and `-n`. */
  readonly options: readonly string[];
  /** The words for its first argument, for its second, and so on. */
  readonly places: readonly Words[];
  /** The words for the values of options, by the option without its dashes. */
  readonly values: readonly (readonly [option: string, words: Words])[];
}

/** The scripts, by the path below /usr/share where a shell looks for them. */
export async function completions(): Promise<Record<string, string>> {
  const verbs = await completed();
  return {
    'bash-completion/completions/denywatch': bash(verbs),
    'zsh/vendor-completions/_denywatch': zsh(verbs),
    'fish/vendor_completions.d/denywatch.fish': fish(verbs),
  };
}

function bash(verbs: readonly Completed[]): string {
  return `_denywatch() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]}
  local i place=0 offer
  for ((i = 2; i < COMP_CWORD; i++)); do [[ \${COMP_WORDS[i]} == -* ]] || place=$((place + 1)); done
${choose(verbs)}
  [ "$COMP_CWORD" -eq 1 ] && offer='${first(verbs)}'
  if [ "$offer" = ${HOSTS} ]; then
    mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
  elif [ -n "$offer" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$offer" -- "$cur")
  fi
}
complete -o default -F _denywatch denywatch
`;
}

function zsh(verbs: readonly Completed[]): string {
  return `#compdef denywatch
local verb=\${words[2]} prev=\${words[CURRENT-1]} cur=$PREFIX offer
integer i place=0
for ((i = 3; i < CURRENT; i++)); do [[ \${words[i]} == -* ]] || place=$((place + 1)); done
if (( CURRENT == 2 )); then
  offer='${first(verbs)}'
else
${choose(verbs)}
fi
if [[ $offer == ${HOSTS} ]]; then
  _hosts
elif [[ -n $offer ]]; then
  compadd -- \${=offer}
else
  _files
fi
`;
}

function fish(verbs: readonly Completed[]): string {
  const lines = verbs.flatMap(({ name, options, places, values }) => {
    const seen = `__fish_seen_subcommand_from ${name}`;
    const valued = new Set(values.map(([option]) => `--${option}`));
    const plain = options.filter((option) => !valued.has(option));
    return [
      `complete -c denywatch -n '${seen}' -a '${plain.join(' ')}'`,
      ...places.map((words, place) => {
        const here = `${seen}; and test (count (commandline -opc)) -eq ${place + 2}`;
        return words.length === 0
          ? ''
          : `complete -c denywatch -n '${here}' -f -a '${inFish(words)}'`;
      }),
      ...values.map(
        ([option, words]) =>
          `complete -c denywatch -n '${seen}' -l ${option} -x -a '${inFish(words)}'`,
      ),
    ].filter((line) => line !== '');
  });
  return `complete -c denywatch -n __fish_use_subcommand -f -a '${first(verbs)}'
${lines.join('\n')}
`;
}

const inFish = (words: Words) => (words === HOSTS ? '(__fish_print_hostnames)' : words.join(' '));
const inShell = (words: Words) => (words === HOSTS ? HOSTS : words.join(' '));

/** The words that may come first. */
function first(verbs: readonly Completed[]): string {
  return [...verbs.map(({ name }) => name), 'help', '--help', '--version'].join(' ');
}

/** Sets `offer` by the verb, and by the option before or the place of the argument. */
function choose(verbs: readonly Completed[]): string {
  const names = verbs.map(({ name }) => name).join(' ');
  const values = verbs.flatMap(({ name, values: all }) =>
    all.map(([option, words]) => `    '${name} --${option}') offer='${inShell(words)}' ;;`),
  );
  const places = verbs.flatMap(({ name, places: all }) =>
    all.flatMap((words, place) =>
      words.length === 0 ? [] : [`      '${name} ${place}') offer='${inShell(words)}' ;;`],
    ),
  );
  const options = verbs.map(
    ({ name, options: all }) => `        ${name}) offer='${all.join(' ')}' ;;`,
  );
  return `  case "$verb $prev" in
${values.join('\n')}
    *) if [[ $cur == -* ]]; then
      case $verb in
${options.join('\n')}
      esac
    else
      case "$verb $place" in
      'help 0') offer='${names}' ;;
${places.join('\n')}
      esac
    fi ;;
  esac`;
}

async function completed(): Promise<Completed[]> {
  const loaded = Object.entries(VERBS).map(async ([name, { load }]) =>
    completedOf(name, await load()),
  );
  return Promise.all(loaded);
}

function completedOf(name: string, { OPTIONS, PLACES = [], VALUES = {} }: Verb): Completed {
  const words = Object.entries(OPTIONS).flatMap(([option, { short }]) =>
    short === undefined ? [`--${option}`] : [`--${option}`, `-${short}`],
  );
  const options = [...new Set([...words, '--help'])];
  return { name, options, places: PLACES, values: Object.entries(VALUES) };
}
