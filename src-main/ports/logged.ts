/** A line of the program's own log. `fields`: what was logged with it; never a secret. */
export type Logged = {
  /** The file's name. */
  readonly log: string;
  /** UTC milliseconds, by the clock of who logged. */
  readonly atMs: number;
  /** The line as JSON, shortened and without stacks. */
  readonly line: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** The line that was logged under a reference; undefined when there is none, or none any more. Throws what the system says of a log that cannot be read. */
export type FindLogged = (reference: string) => Promise<Logged | undefined>;
