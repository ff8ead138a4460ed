import { networkInterfaces } from 'node:os';
import type { Resources } from '#contract/api/base.ts';
import type { HostFacts } from '#contract/agent/servers.ts';
import type { HostOs } from './os/host-os.ts';
import type { EdgeControl } from './ports.ts';

export type HostFactsNeeds = {
  readonly os: HostOs;
  readonly home: string;
  readonly edge: Pick<EdgeControl, 'listeners'>;
  readonly isIsolated: boolean;
  readonly simulated: Resources | undefined;
};

/** What this server is, measured now; made-up capacities are labelled. */
export async function hostFacts({ os, home, edge, isIsolated, simulated }: HostFactsNeeds): Promise<HostFacts> {
  const facts = await os.facts(home);
  // Never asked for here: an edge that hangs or is just being started must not make the whole server look lost.
  const { https, http } = edge.listeners();
  const addresses = Object.values(networkInterfaces())
    .flatMap((of) => of ?? [])
    .map(({ address, family, internal }) => ({ address, family, isLoopback: internal }));
  const measured = { memoryBytes: facts.memoryBytes, cpuMillicores: facts.cpuCount * 1000, diskBytes: facts.diskBytes };
  return {
    hostName: facts.hostName,
    os: facts.os,
    osName: facts.osName,
    osVersion: facts.osVersion,
    arch: facts.arch,
    nodeVersion: process.versions.node,
    cpuCount: facts.cpuCount,
    capacity: simulated ?? measured,
    isSimulated: simulated !== undefined,
    isIsolated,
    addresses,
    httpsPort: https.port,
    httpPort: http.port,
    edgeAddress: https.address,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    bootedAtMs: facts.bootedAtMs,
  };
}
