/** One thing that should be on a server: what puts it in order, for whoever goes through them one by one. */
export type Reconcilable = {
  /** As people know it: a domain, a host. Empty for what has no name of its own. */
  readonly name: string;
  /** Makes it as it is wanted; repeatable. What it finds locked it leaves alone. Throws coded errors. */
  readonly ensure: () => Promise<void>;
};
