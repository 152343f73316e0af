import { matchesGlob } from 'node:path';
import type { SourceKind } from '../kind.ts';
import { KEYS, readFile, type FileSettings } from './config.ts';
import { openFileSource } from './file.ts';

export const file: SourceKind<FileSettings> = {
  key: 'file',
  keys: KEYS,
  read: readFile,
  open: openFileSource,
  stream: ({ path }) => path,
  describe: ({ path }) => path,
  reads: ({ path }, stream) => path === stream || matchesGlob(stream, path),
};
