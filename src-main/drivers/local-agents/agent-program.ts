/** What agents of this computer are made of: the Node that runs them, and the bundle that it runs (`agent.cjs`; the edge's lies beside it). */
export type AgentProgram = { readonly runtime: string; readonly agentBundlePath: string };

/** Where the program is. Any number of calls at once. */
export type AgentProgramSource = {
  /** Asked before each start of an agent, and only then: it may have to be brought first. */
  readonly find: () => Promise<AgentProgram>;
  /** Lets go of what was brought and from which nothing runs any more. Repeatable; never throws. */
  readonly tidy: () => Promise<void>;
};
