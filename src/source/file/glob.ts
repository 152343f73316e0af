/**
 * Patterns for paths, as a shell has them: `*` and `?` within a name, `[12]`, `{a,b}`, and `**` for
 * any number of directories. This is the only definition of them: configuration, `run`, `check` and
 * `init` use it. Names that begin with a dot match only a pattern that has the dot.
 */
import { join } from 'node:path';
import picomatch from 'picomatch';

const OPTIONS = { noextglob: true, nonegate: true, literalBrackets: false };
/** The most directories that `**` stands for. */
const DEEPEST = 8;
const ANY_DEPTH = '**';

/** One name of a pattern; `match` is null for a name without anything special. */
interface Part {
  readonly text: string;
  readonly match: ((name: string) => boolean) | null;
}

/** What a pattern matches below a directory that it leads to. */
export interface Below {
  readonly directory: string;
  /** Literal names; null: any that `matches` accepts. */
  readonly names: readonly string[] | null;
  /** Whether a name is one of the pattern's files. */
  isFile(name: string): boolean;
  /** What it matches below a subdirectory; null where the pattern does not lead there. */
  into(name: string, isLink: boolean): Below | null;
}

/** Whether a path has a part that stands for several names. */
export function isGlob(path: string): boolean {
  return path.split('/').some((part) => part === ANY_DEPTH || isMagic(part));
}

function isMagic(part: string): boolean {
  return /[*?[\]{}]/.test(part) && picomatch.scan(part, OPTIONS).isGlob;
}

/** Why an absolute pattern cannot be used, and what to do; or null. */
export function problemOfGlob(pattern: string): string | null {
  if (pattern.split(/\{[^}]*\}/).length > 1 && /\{[^}]*\/[^}]*\}/.test(pattern))
    return 'must not have a / within braces: write two paths';
  if (pattern.endsWith('/')) return 'ends in /: name the logs in it, such as *.log';
  return null;
}

export class Glob {
  readonly pattern: string;
  /**
   * The directory where the search begins: everything before the first part that stands for several
   * names.
   */
  readonly root: string;
  readonly #parts: readonly Part[];

  /** @param pattern absolute */
  constructor(pattern: string) {
    this.pattern = pattern;
    const texts = pattern.split('/').filter((text) => text !== '');
    const first = texts.findIndex((text) => text === ANY_DEPTH || isMagic(text));
    const fixed = first === -1 ? texts.length - 1 : Math.min(first, texts.length - 1);
    this.root = `/${texts.slice(0, fixed).join('/')}`;
    this.#parts = texts.slice(fixed).map(partOf);
    // A pattern that ends in ** means all files below.
    if (texts.at(-1) === ANY_DEPTH) this.#parts = [...this.#parts, partOf('*')];
  }

  /** What it matches in its root. */
  below(): Below {
    return this.#below(this.root, [[0, 0]]);
  }

  /** Whether it leads to this path. */
  matches(path: string): boolean {
    const prefix = this.root === '/' ? '/' : `${this.root}/`;
    if (!path.startsWith(prefix)) return false;
    const names = path.slice(prefix.length).split('/');
    let at: Below | null = this.below();
    for (const name of names.slice(0, -1)) at = at === null ? null : at.into(name, false);
    return at?.isFile(names.at(-1)!) ?? false;
  }

  /** @param states the parts to match next, each with how deep ** has descended before it */
  #below(directory: string, states: readonly (readonly [part: number, depth: number])[]): Below {
    const parts = this.#parts;
    const last = parts.length - 1;
    const open = states.flatMap(([part, depth]) =>
      parts[part]!.text === ANY_DEPTH
        ? [[part, depth] as const, [part + 1, 0] as const]
        : [[part, depth] as const],
    );
    const takes = (part: number, name: string) => {
      const { text, match } = parts[part]!;
      return text !== ANY_DEPTH && (match === null ? text === name : match(name));
    };
    const fixed = open.every(
      ([part]) => parts[part]!.match === null && parts[part]!.text !== ANY_DEPTH,
    );
    return {
      directory,
      names: fixed ? open.map(([part]) => parts[part]!.text) : null,
      isFile: (name) => open.some(([part]) => part === last && takes(part, name)),
      into: (name, isLink) => {
        const next = open.flatMap(([part, depth]) => {
          if (parts[part]!.text !== ANY_DEPTH)
            return part < last && takes(part, name) ? [[part + 1, 0] as const] : [];
          // A link could form a loop.
          const goesOn = !isLink && !name.startsWith('.') && depth < DEEPEST;
          return goesOn ? [[part, depth + 1] as const] : [];
        });
        return next.length === 0 ? null : this.#below(join(directory, name), next);
      },
    };
  }
}

function partOf(text: string): Part {
  if (text === ANY_DEPTH || !isMagic(text)) return { text, match: null };
  // Not picomatch(): it treats a name that equals the pattern as a match.
  const pattern = picomatch.makeRe(text.replace(/[()|+^$]/g, '\\$&'), OPTIONS);
  return { text, match: (name) => pattern.test(name) };
}
