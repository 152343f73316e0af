/** What a configuration is read for, and where from. */
export interface Surroundings {
  /** The directory of the configuration file: relative paths are relative to it. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes what is no mistake, but deserves a look. */
  readonly warn: (message: string) => void;
  /** Is called where the file itself holds a secret. */
  readonly holdsSecret: () => void;
}
