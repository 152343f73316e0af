/** The kinds of sources: one row each. Nothing else asks which kind a source is. */
import type { Checker, Value } from '../config/checker.ts';
import { Section } from '../config/section.ts';
import { file } from './file/kind.ts';
import { journal } from './journal/kind.ts';
import type { Barred, OpenOptions, Place, SourceKind, SourceLook } from './kind.ts';
import type { Lines, Position, Source, Taker } from './source.ts';

const ROWS = [file, journal] as const;

type Row = (typeof ROWS)[number];

/** The settings of one source, whatever its kind. */
export type SourceConfig = Row extends SourceKind<infer Settings> ? Settings : never;

type AnyKind = SourceKind<SourceConfig>;

/** One table for all: `kindOf` passes a row only the settings that it has read itself. */
const KINDS = ROWS as unknown as readonly AnyKind[];

/** The row of a source's kind. */
export function kindOf({ kind }: SourceConfig): AnyKind {
  return KINDS.find(({ key }) => key === kind)!;
}

/** Starts reading a source. */
export function openSource(config: SourceConfig, taker: Taker, options: OpenOptions): Source {
  return kindOf(config).open(config, taker, options);
}

/** The stream of a source, or the pattern of its streams' names. */
export function streamOf(config: SourceConfig): string {
  return kindOf(config).stream(config);
}

/** The zone that the sources name for the times of a stream; undefined: none, so this machine's. */
export function zoneNameOf(sources: readonly SourceConfig[], stream: string): string | undefined {
  return sources.find((config) => config.zone !== undefined && kindOf(config).owns(config, stream))
    ?.zone;
}

/** The patterns for hosts that relay the lines of others to a stream. */
export function relaysOf(sources: readonly SourceConfig[], stream: string): readonly string[] {
  const having = sources.filter(({ relays = [] }) => relays.length > 0);
  return having.find((config) => kindOf(config).owns(config, stream))?.relays ?? [];
}

/**
 * How many bytes of a block are before a place of its stream: see `SourceKind`. None where no source
 * has the stream.
 */
export function bytesBefore(
  sources: readonly SourceConfig[],
  block: Lines,
  previous: Position | undefined,
  place: Place,
): number {
  const config = sources.find((one) => kindOf(one).owns(one, block.stream));
  return config === undefined ? 0 : kindOf(config).before(block, previous, place);
}

/** What a source reads, for display. */
export function describeSource(config: SourceConfig): string {
  return kindOf(config).describe(config);
}

/** What a source would read now. */
export function lookAtSource(
  config: SourceConfig,
  options: Pick<OpenOptions, 'grep'>,
): Promise<SourceLook> {
  return kindOf(config).look(config, options);
}

/** What of a source cannot be read with the rights that this process has now. */
export function barredIn(config: SourceConfig): readonly Barred[] {
  return kindOf(config).barred(config);
}

/**
 * One entry of `sources`; empty where it is invalid (the checker has the reason).
 * @param directory relative paths are relative to it
 */
export function readSource(checker: Checker, at: Value, directory: string): SourceConfig[] {
  const known = KINDS.flatMap(({ key, keys }) => [key, ...keys]);
  const keys = KINDS.map(({ key }) => key);
  const isKey = (text: string) => keys.some((key) => key === text);
  const written = (text: string) => (isKey(text) ? `${text}: {}` : `${keys[0]}: ${text}`);
  if (checker.isText(at, keys, written)) return [];
  const all = new Section(checker, at, [...new Set(known)]);
  const named = KINDS.filter(({ key }) => all.has(key));
  const [kind] = named;
  if (kind === undefined || named.length > 1) {
    const choice = keys.map((key) => `'${key}'`).join(' or ');
    // A misspelt key is reported already.
    if (named.length > 1 || checker.meant(at, keys) === undefined)
      checker.problem(at, `must have either ${choice}`);
    return [];
  }
  return kind.read({ place: all.get(kind.key)!, keys: all, directory });
}
