/** Failures of `servers.remove` after which `isGivenUp` is a way: the agent was not told. By itself, because the window takes it without the schemas. */
export const untoldCodes: readonly string[] = ['SERVER_UNREACHABLE', 'CLOCK_OFF', 'AGENT_TOO_OLD', 'COMMAND_MISSING'];
