import type { SourceKind } from '../kind.ts';
import { KEYS, readFile, type FileSettings } from './config.ts';
import { openFileSource } from './file.ts';
import { bytesBefore } from './extent.ts';
import { Glob, isGlob } from './glob.ts';
import { barredFiles, lookAtFiles } from './look.ts';

const isOf = ({ path }: FileSettings, log: string) =>
  path === log || (isGlob(path) && new Glob(path).matches(log));

export const file: SourceKind<FileSettings> = {
  key: 'file',
  keys: KEYS,
  read: readFile,
  open: openFileSource,
  stream: ({ path }) => path,
  describe: ({ path }) => path,
  barred: ({ path }) => barredFiles(path),
  look: (settings) => Promise.resolve(lookAtFiles(settings)),
  before: bytesBefore,
  owns: isOf,
  reads: isOf,
};
