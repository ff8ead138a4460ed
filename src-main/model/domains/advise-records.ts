import { sameValues } from './dns-records.ts';

export type AdvisedServer = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly isDraining: boolean;
  /** Of the domain that is advised on. */
  readonly instances: number;
};

export type RecordAdvice = {
  readonly code: 'no-server' | 'none-yet' | 'many-servers' | 'placement-open' | 'wildcard-would-do' | 'wildcard-stands';
  readonly parameters: Readonly<Record<string, string | number>>;
};

/**
 * One record an instance, or one wildcard? A wildcard leads every name to the same addresses, so it can stand in for records only where all
 * instances, and those that will come, are at one.
 */
export function adviseRecords(
  servers: readonly AdvisedServer[],
  wildcard: { readonly name: string; readonly addresses: readonly string[] } | undefined,
): RecordAdvice {
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
    return { code: 'placement-open', parameters: { server: home.name, others } };
  }
  if (wildcard !== undefined && sameValues(wildcard.addresses, home.addresses))
    return { code: 'wildcard-stands', parameters: { server: home.name, wildcard: wildcard.name } };
  return { code: 'wildcard-would-do', parameters: { server: home.name, addresses: home.addresses.join(', ') } };
}
