import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect garbage early. By itself it lets as much of it pile up as is in use before it
 * looks: in a flood of refusals the agent's memory would double for nothing.
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--optimize-for-size');
}
