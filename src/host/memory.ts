import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 collect garbage early. By default it waits until there is as much garbage as memory in
 * use, which would double the agent's memory in a flood of refusals. The space for new objects does
 * not grow: that saves 3 MB while a backlog is read, at no measurable cost.
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--semi-space-growth-factor=1');
}
