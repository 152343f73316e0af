/** Types for picomatch 4, which has none: only what Glob uses. */
declare module 'picomatch' {
  interface Options {
    /** No extended patterns such as `!(a|b)`. */
    readonly noextglob?: boolean;
    /** A leading `!` is a character like any other. */
    readonly nonegate?: boolean;
    /** Whether brackets may also be literal. */
    readonly literalBrackets?: boolean;
  }
  namespace picomatch {
    function scan(pattern: string, options?: Options): { readonly isGlob: boolean };
    /** The pattern as an expression for a whole name. */
    function makeRe(pattern: string, options?: Options): RegExp;
  }
  export = picomatch;
}
