import type { DomainInspection } from '#contract/api/domains.ts';
import { sameValues } from './dns-records.ts';

export type AdvisedServer = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly isDraining: boolean;
  /** Of the domain that is advised on. */
  readonly instances: number;
};

export type RecordAdvice = {
  readonly code: DomainInspection['advice']['code'];
  readonly parameters: Readonly<Record<string, string | number>>;
};

/**
 * One record an instance, or one wildcard? A wildcard leads every name to the same addresses, so it can stand in for records only where all
 * instances, and those that will come, are at one. `isOwn`: nobody but the farm writes to the name server.
 */
export function adviseRecords(
  servers: readonly AdvisedServer[],
  wildcard: { readonly name: string; readonly addresses: readonly string[] } | undefined,
  isOwn = false,
): RecordAdvice {
  if (isOwn) return { code: 'own-server', parameters: {} };
  const reachable = servers.filter(({ addresses }) => addresses.length > 0);
  const used = reachable.filter(({ instances }) => instances > 0);
  const open = reachable.filter(({ isDraining, instances }) => !isDraining || instances > 0);
  const [home] = used.length > 0 ? used : open;
  if (home === undefined) return { code: 'no-server', parameters: {} };
  const isElsewhere = ({ addresses }: AdvisedServer): boolean => !sameValues(addresses, home.addresses);
  if (used.some(isElsewhere)) return { code: 'many-servers', parameters: { servers: used.length } };
  const others = open.filter(isElsewhere).length;
  if (others > 0) {
    if (used.length === 0) return { code: 'none-yet', parameters: { servers: open.length } };
    return { code: 'placement-open', parameters: { server: used.map(({ name }) => name).join(', '), others } };
  }
  // several servers may share an address, each with a port of its own
  const server = (used.length > 0 ? used : open).map(({ name }) => name).join(', ');
  if (wildcard !== undefined && sameValues(wildcard.addresses, home.addresses))
    return { code: 'wildcard-stands', parameters: { server, wildcard: wildcard.name } };
  return { code: 'wildcard-would-do', parameters: { server, addresses: home.addresses.join(', ') } };
}
