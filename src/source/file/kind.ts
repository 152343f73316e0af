import type { SourceKind } from '../kind.ts';
import { KEYS, readFile, type FileSettings } from './config.ts';
import { openFileSource } from './file.ts';
import { Glob, isGlob } from './glob.ts';
import { lookAtFiles } from './look.ts';

export const file: SourceKind<FileSettings> = {
  key: 'file',
  keys: KEYS,
  read: readFile,
  open: openFileSource,
  stream: ({ path }) => path,
  describe: ({ path }) => path,
  look: (settings) => Promise.resolve(lookAtFiles(settings)),
  reads: ({ path }, log) => path === log || (isGlob(path) && new Glob(path).matches(log)),
};
