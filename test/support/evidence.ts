/** What a person needs to find out why a test failed that cannot be run again where it did. */
import type { TestContext } from 'node:test';

/** A program or a machine of a test. */
interface Witness {
  readonly name: string;
  /** What it has to say; empty where that is nothing. */
  readonly says: () => string;
  isHeard: boolean;
}

/** The last ones that speak are heard. */
const MOST = 12;
const witnesses = new Set<Witness>();

/**
 * Shows what a program or a machine says, if the test fails while there is one. To be called before
 * the hook that ends it is set.
 */
export function witness(t: TestContext, name: string, says: () => string): void {
  const one = { name, says, isHeard: false };
  witnesses.add(one);
  t.after(() => {
    if (!t.passed && !one.isHeard) {
      const text = heard(one);
      if (text !== '') t.diagnostic(text);
    }
    witnesses.delete(one);
  });
}

/** What all of them say now, to go into an error's message. */
export function evidence(): string {
  const texts = [...witnesses].map(heard).filter((text) => text !== '');
  return texts
    .slice(-MOST)
    .map((text) => `\n${text}`)
    .join('');
}

function heard(one: Witness): string {
  try {
    const text = one.says();
    if (text === '') return '';
    one.isHeard = true;
    return `--- ${one.name}\n${text}`;
  } catch (error) {
    return `--- ${one.name}\n${String(error)}`;
  }
}
