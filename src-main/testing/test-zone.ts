import { openInProcess } from '../drivers/dns/builtin/fixtures/in-process.ts';
import { createBuiltinDriver } from '../drivers/dns/builtin/index.ts';
import type { RecordSet, WrittenType } from '../model/domains/dns-records.ts';
import { planChange } from '../model/domains/plan-change.ts';
import type { StoredZone } from '../ports/dns.ts';
import type { DnsDriver } from '../ports/dns-writes.ts';

/** A name server that outlives cores and whose zones somebody else writes to, too. `as` puts acts of a test in the place of a driver's, also one that is open. */
export async function createTestZone() {
  const kept: { zones: readonly StoredZone[]; saveError?: Error | undefined } = { zones: [] };
  const nameServer = await createBuiltinDriver(
    { address: '127.0.0.1', port: 0 },
    {
      openServer: openInProcess,
      timeoutMs: 2000,
      zoneStorage: {
        load: async () => [],
        save: async (zones) => {
          if (kept.saveError !== undefined) throw kept.saveError;
          kept.zones = zones;
        },
      },
    },
  );
  const as: { -readonly [K in 'apply' | 'findZone' | 'list' | 'reach' | 'removeZone']?: DnsDriver[K] } = {};
  const write = async (name: string, type: WrittenType, values: readonly string[], isThere: boolean): Promise<void> => {
    const zone = await nameServer.findZone(name);
    const target = { zone: zone.name, name, type, values };
    const current = await nameServer.list(zone, { name });
    const owned = current.flatMap((set) => set.values);
    const planning = planChange(
      current,
      isThere ? { action: 'put', ttlSeconds: 60, owned, ...target } : { action: 'remove', others: 'refuse', ...target },
    );
    if (planning.kind === 'refusal') throw new Error(JSON.stringify(planning));
    if (planning.kind === 'plan') await nameServer.apply(zone, planning.plan);
  };
  return {
    nameServer,
    as,
    kept,
    createDns: async (): Promise<DnsDriver> => ({
      ...nameServer,
      apply: (...asked) => (as.apply ?? nameServer.apply)(...asked),
      findZone: (...asked) => (as.findZone ?? nameServer.findZone)(...asked),
      list: (...asked) => (as.list ?? nameServer.list)(...asked),
      reach: (...asked) => (as.reach ?? nameServer.reach)(...asked),
      removeZone: async (...asked) => (as.removeZone ?? nameServer.removeZone)?.(...asked),
      close: () => Promise.resolve(),
    }),
    put: (name: string, type: WrittenType, ...values: string[]) => write(name, type, values, true),
    drop: (name: string, type: WrittenType, ...values: string[]) => write(name, type, values, false),
    zones: (): readonly string[] => kept.zones.map(({ name }) => name).toSorted(),
    recordsAt: async (name: string): Promise<readonly RecordSet[]> => nameServer.list(await nameServer.findZone(name), { name }),
  };
}
export type TestZone = Awaited<ReturnType<typeof createTestZone>>;
