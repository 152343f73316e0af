/**
 * Types for tail-file 1.4.16, which has none: only what Tail uses or replaces. Its README offers
 * every member for replacement ("You can also set or replace any of the properties or methods").
 */
declare module 'tail-file' {
  import { EventEmitter } from 'node:events';
  import type { FSWatcher } from 'node:fs';

  interface Events {
    /** A file was opened; its descriptor. */
    ready: [fd: number];
    /** All there is was read; byte position in the file. */
    eof: [position: number];
    /** Reading goes on in another file, and why. */
    restart: [reason: 'PRIMEFOUND' | 'NEWPRIME' | 'TRUNCATE' | 'CATCHUP'];
    /** A rotated file is read instead of the named one. */
    secondary: [filename: string];
    /** This many bytes were skipped. */
    skip: [bytes: number];
    error: [error: unknown];
  }

  class TailFile extends EventEmitter<Events> {
    /** `options` are assigned to the object as they are. */
    constructor(filename: string, options?: object);
    filename: string;
    /** Descriptor of the file that is read, null or undefined when there is none. */
    fd: number | null | undefined;
    ino: number | bigint | null;
    /** Byte position in it. */
    pos: number | 'init';
    startPos: 'start' | 'end' | number;
    /** A read is under way. */
    reading: boolean;
    /** A wake-up came while reading. */
    readable: boolean;
    watcher: FSWatcher | null;
    start(filename?: string): void;
    stop(): Promise<unknown>;
    readStuff(): void;
    onError(error: unknown): void;
  }
  export = TailFile;
}
