/** Lines that were logged, to begin from. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEST = join(import.meta.dirname, '..');

interface Sample {
  readonly raw?: string;
  readonly raw_b64?: string;
}

/** Every line of the files of test/samples whose name matches. */
export function sampleLines(name: RegExp = /./): Buffer[] {
  const folder = join(TEST, 'samples');
  const files = readdirSync(folder).filter((file) => name.test(file));
  return files.flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Sample)
      .map(({ raw, raw_b64 }) =>
        raw_b64 === undefined ? Buffer.from(raw ?? '') : Buffer.from(raw_b64, 'base64'),
      ),
  );
}

/** The lines of the parser's corpus. */
export function corpusLines(): Buffer[] {
  return readFileSync(join(TEST, 'parse', 'corpus.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !/^[\t#]/.test(line))
    .map((line) => Buffer.from(line));
}
