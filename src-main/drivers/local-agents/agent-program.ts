/** What agents of this computer are made of: the Node that runs them, and the bundle that it runs (`agent.cjs`; the edge's lies beside it). */
export type AgentProgram = { readonly runtime: string; readonly agentBundlePath: string };

/** Asked before each start of an agent. May be called any number of times at once. */
export type FindAgentProgram = () => Promise<AgentProgram>;
