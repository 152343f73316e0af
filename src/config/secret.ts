/** Reads a monitor's password, token or key. The bytes are never logged or shown. */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Checker, Value } from './checker.ts';
import type { Section } from './section.ts';
import type { Surroundings } from './surroundings.ts';
import { reasonOf } from '../text/reason.ts';

/** An entry of the configuration that may have a secret. */
interface SecretEntry {
  /** The entry: where a mistake is reported that belongs to no single key. */
  readonly at: Value;
  readonly keys: Section;
  readonly around: Surroundings;
}

/**
 * The keys that give one secret; an entry has at most one of them. The first is the secret itself,
 * the second names a file, the third a credential in systemd's $CREDENTIALS_DIRECTORY.
 */
export type SecretKeys = readonly [text: string, file: string, credential?: string];

/** The keys that give a password. */
export const SECRET_KEYS = ['password', 'passwordFile', 'credential'] as const;

/**
 * Reads the secret of an entry; null if it has none, or a wrong one, which is reported, or if it is
 * a credential and these are not read.
 */
export function readSecret(
  { at, keys, around }: SecretEntry,
  names: SecretKeys = SECRET_KEYS,
): Buffer | null {
  const { checker } = keys;
  const [text, file] = names;
  const given = names.filter((key) => key !== undefined && keys.has(key));
  if (given.length > 1) {
    checker.problem(at, `has ${given.map((key) => `'${key}'`).join(' and ')}: keep one of them`);
  }
  const [key] = given;
  const value = key === undefined ? undefined : keys.get(key);
  if (value === undefined) return null;
  if (key === text) {
    around.holdsSecret();
    return Buffer.from(checker.text(value, 512));
  }
  const path = checker.text(value);
  if (key === file) return fromFile(checker, value, resolve(around.directory, path), around);
  if (!around.credentials) {
    around.skipsCredential(at.key);
    return null;
  }
  const directory = around.env['CREDENTIALS_DIRECTORY'];
  if (directory === undefined) {
    checker.problem(
      value,
      `needs $CREDENTIALS_DIRECTORY, which systemd sets for LoadCredential=: add that to the unit, or use ${file}`,
    );
    return null;
  }
  if (isAbsolute(path) || path.includes('/')) {
    checker.problem(value, `must be the name of a credential, not a path: for a path use ${file}`);
    return null;
  }
  return fromFile(checker, value, join(directory, path), around);
}

function fromFile(checker: Checker, at: Value, path: string, around: Surroundings): Buffer | null {
  around.reads(path);
  try {
    const bytes = readFileSync(path);
    // One newline at the end of the file comes from the editor; the rest belongs to the password.
    const end = /\r?\n$/.exec(bytes.toString('latin1'))?.[0].length ?? 0;
    if (bytes.length > end) {
      warnIfOpen(path, around);
      return bytes.subarray(0, bytes.length - end);
    }
    checker.problem(at, `${path} is empty: put the secret in it`);
    return null;
  } catch (error) {
    checker.problem(at, whyNotRead(path, error));
    return null;
  }
}

/** Why a file that the configuration names cannot be read, and what to do. */
export function whyNotRead(path: string, error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? `there is no file ${path}: create it, or correct the path`
    : `cannot read ${path}: ${reasonOf(error)}; let the agent's user read it`;
}

/** Warns about a file with a secret if every user of the machine can read it. */
export function warnIfOpen(path: string, around: Surroundings): void {
  if ((statSync(path).mode & 0o004) !== 0) {
    around.warn(
      `${path} holds a secret and is readable by all: chmod 640 ${path}, with the agent's group (chgrp denywatch)`,
    );
  }
}
