/** The password as a key: cut, or padded with zeros. */
export function keyOf(password: Buffer, size: number): Buffer {
  const key = Buffer.alloc(size);
  password.copy(key);
  return key;
}
