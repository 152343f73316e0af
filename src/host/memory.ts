import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect garbage early. By itself it lets as much of it pile up as is in use before it
 * looks: in a flood of refusals the agent's memory would double for nothing. The space for what is
 * new does not grow: while a backlog is read that is 3 MB less, at no cost that shows.
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--semi-space-growth-factor=1');
}
