/** The expression for a name in which `*` stands for any characters; upper and lower case are one. */
export function namePattern(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[^\w]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}
