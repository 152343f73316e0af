/** What a configuration is read for, and where from. */
export interface Surroundings {
  /** The directory of the configuration file: relative paths are relative to it. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes what is no mistake, but deserves a look. */
  readonly warn: (message: string) => void;
  /** Is called with each further file that the configuration names, before it is read. */
  readonly reads: (path: string) => void;
  /** Is called where the file itself holds a secret. */
  readonly holdsSecret: () => void;
}
