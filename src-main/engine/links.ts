/** What the engine knows of servers: whether their agents are heard. */
export type Links = {
  readonly stands: (serverId: string) => boolean;
  /** Resolves true as soon as the link stands again, false when it does not within half a minute or the signal is given. */
  readonly back: (serverId: string, signal: AbortSignal) => Promise<boolean>;
};
