const KEY = 32;

/** The key as the module uses it: its first 32 bytes; a shorter one is padded with zeros. */
export function keyFrom(text: Buffer): Buffer {
  const key = Buffer.alloc(KEY);
  text.copy(key);
  return key;
}
