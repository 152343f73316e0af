/** What reading a configuration depends on, beside the file itself. */
export interface Surroundings {
  /** The directory of the configuration file: relative paths start here. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether the service's credentials are read: without them nothing can be sent to a monitor. */
  readonly credentials: boolean;
  /** Called with the key of an entry whose credential is not read. */
  readonly skipsCredential: (key: string) => void;
  /** Called with a warning: not a mistake, but worth checking. */
  readonly warn: (message: string) => void;
  /** Called with each further file that the configuration names, before it is read. */
  readonly reads: (path: string) => void;
  /** Called if the file itself contains a secret. */
  readonly holdsSecret: () => void;
}

const ignore = (): void => {};

/** Those of a reader that takes neither credentials nor warnings. */
export function quietSurroundings(directory: string, env: NodeJS.ProcessEnv): Surroundings {
  return {
    directory,
    env,
    credentials: false,
    skipsCredential: ignore,
    warn: ignore,
    reads: ignore,
    holdsSecret: ignore,
  };
}
