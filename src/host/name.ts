import { hostname } from 'node:os';

/** This machine's name without its domain: what syslog and most monitors call it. */
export function shortHostName(): string {
  return hostname().split('.', 1)[0]!;
}
