/** The one name in a certificate below the agent authority: a URI SAN. `role` is in it so that an agent can never pass for a core. */
export function coreUri(farmId: string, epoch: number): string {
  return `farmstead://${farmId}/core/${epoch}`;
}

export function agentUri(farmId: string, serverId: string): string {
  return `farmstead://${farmId}/agent/${serverId}`;
}

/** The epoch of a core's URI in this farm, or undefined when it is anything else. */
export function epochOfCoreUri(uri: string, farmId: string): number | undefined {
  const prefix = coreUri(farmId, 0).slice(0, -1);
  const epoch = uri.startsWith(prefix) ? uri.slice(prefix.length) : '';
  return /^(0|[1-9][0-9]{0,14})$/.test(epoch) ? Number(epoch) : undefined;
}
