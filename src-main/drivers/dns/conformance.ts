import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CredentialsOf, type DnsKind, kindsOf } from '#contract/catalogue/providers.ts';
import type { RecordSet, WrittenType } from '../../model/domains/dns-records.ts';
import { type DnsChange, type DnsPlan, planChange } from '../../model/domains/plan-change.ts';
import type { DnsZone, StoredZone } from '../../ports/dns.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import { ownProcess } from './builtin/fixtures/own-process.ts';
import { createBuiltinDriver } from './builtin/index.ts';
import { openDnsDriver } from './open-driver.ts';

/**
 * What every DNS driver must do, run against the server behind it. `zoneName` is a zone of the suite's own, empty but
 * for its apex; it is left so.
 */
type DnsSubject = { readonly driver: () => DnsDriver; readonly zoneName: string };

const ttlSeconds = 60;

function testDriver({ driver, zoneName }: DnsSubject): void {
  const nameOf = (label: string): string => `${label}.${zoneName}`;

  const plan = async (zone: DnsZone, change: DnsChange): Promise<DnsPlan> => {
    const planning = planChange(await driver().list(zone, { name: change.name }), change);
    if (planning.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(planning)}`);
    return planning.plan;
  };
  const put = async (zone: DnsZone, label: string, type: WrittenType, values: string[], owned: string[] = []): Promise<void> => {
    const change: DnsChange = { action: 'put', zone: zone.name, name: nameOf(label), type, ttlSeconds, values, owned };
    await driver().apply(zone, await plan(zone, change));
  };
  const remove = async (
    zone: DnsZone,
    label: string,
    type: WrittenType,
    values: string[],
    others: 'refuse' | 'keep' = 'refuse',
  ): Promise<void> => {
    await driver().apply(zone, await plan(zone, { action: 'remove', zone: zone.name, name: nameOf(label), type, values, others }));
  };
  const standing = async (zone: DnsZone, label: string): Promise<Pick<RecordSet, 'type' | 'values' | 'ttlSeconds'>[]> =>
    (await driver().list(zone, { name: nameOf(label) }))
      .map(({ type, values, ttlSeconds: ttl }) => ({ type, values: values.toSorted(), ttlSeconds: ttl }))
      .toSorted((a, b) => a.type.localeCompare(b.type));
  /** A resolver of the platform's, pointed at the zone's first name server. */
  const resolver = async (zone: DnsZone): Promise<Resolver> => {
    const [server] = await driver().authoritativeServers(zone);
    const address = server?.addresses[0] ?? '';
    const resolverHere = new Resolver({ timeout: 2000, tries: 2 });
    resolverHere.setServers([address.includes(':') ? `[${address}]:${server?.port}` : `${address}:${server?.port}`]);
    return resolverHere;
  };

  test('finds the zone of a name by its longest suffix, whatever its letters', async () => {
    const zone = await driver().findZone(`a.b.${zoneName.toUpperCase()}.`);
    expect(zone.name).toBe(zoneName);
    expect(await driver().findZone(zoneName)).toEqual(zone);
  });

  test('says that a zone is missing', async () => {
    await expect(driver().findZone('anna.nobody.invalid')).rejects.toMatchObject({
      code: 'DNS_ZONE_MISSING',
      parameters: { domain: 'anna.nobody.invalid' },
    });
    await expect(driver().list({ name: 'nobody.invalid', id: 'nobody.invalid.' })).rejects.toMatchObject({ code: 'DNS_ZONE_MISSING' });
  });

  test('making a zone that is there gives that zone', async () => {
    const zone = await driver().findZone(zoneName);
    expect(await driver().createZone(zoneName, [`ns1.${zoneName}`])).toEqual(zone);
  });

  test.each<[WrittenType, string[]]>([
    ['A', ['192.0.2.1']],
    ['A', ['192.0.2.1', '192.0.2.2']],
    ['AAAA', ['2001:db8::1']],
    ['CNAME', ['edge.example.net']],
    ['TXT', ['plain']],
    ['TXT', ['with "quotes" and \\ and ; and é', 'x'.repeat(600)]],
  ])('%s records are written, read back, served and removed', async (type, values) => {
    const zone = await driver().findZone(zoneName);
    await put(zone, 'anna', type, values);
    expect(await standing(zone, 'anna')).toEqual([{ type, values: values.toSorted(), ttlSeconds }]);
    const answers = await (await resolver(zone)).resolve(nameOf('anna'), type);
    const texts = [answers]
      .flat()
      .map((answer) => (Array.isArray(answer) ? Buffer.from(answer.join(''), 'latin1').toString('utf8') : answer));
    expect(texts.toSorted()).toEqual(values.toSorted());
    await remove(zone, 'anna', type, values);
    expect(await standing(zone, 'anna')).toEqual([]);
    await expect((await resolver(zone)).resolve(nameOf('anna'), type)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('a plan that is done already does nothing more', async () => {
    const zone = await driver().findZone(zoneName);
    const change: DnsChange = {
      action: 'put',
      zone: zone.name,
      name: nameOf('twice'),
      type: 'A',
      ttlSeconds,
      values: ['192.0.2.1'],
      owned: [],
    };
    const create = await plan(zone, change);
    await driver().apply(zone, create);
    await driver().apply(zone, create);
    expect(await standing(zone, 'twice')).toEqual([{ type: 'A', values: ['192.0.2.1'], ttlSeconds }]);
    const removal = await plan(zone, {
      action: 'remove',
      zone: zone.name,
      name: nameOf('twice'),
      type: 'A',
      values: ['192.0.2.1'],
      others: 'refuse',
    });
    await driver().apply(zone, removal);
    await driver().apply(zone, removal);
    expect(await standing(zone, 'twice')).toEqual([]);
  });

  test('a plan that the world has overtaken is refused, and harms nothing', async () => {
    const zone = await driver().findZone(zoneName);
    const change: DnsChange = {
      action: 'put',
      zone: zone.name,
      name: nameOf('race'),
      type: 'A',
      ttlSeconds,
      values: ['192.0.2.1'],
      owned: [],
    };
    const late = await plan(zone, change);
    await put(zone, 'race', 'A', ['192.0.2.9']);
    await expect(driver().apply(zone, late)).rejects.toMatchObject({
      code: 'DNS_UNSAFE',
      parameters: { name: nameOf('race'), found: 'A 192.0.2.9' },
    });
    expect(await standing(zone, 'race')).toEqual([{ type: 'A', values: ['192.0.2.9'], ttlSeconds }]);
    await remove(zone, 'race', 'A', ['192.0.2.9']);
  });

  test('what is ours is replaced, and neighbours of other types and names stay', async () => {
    const zone = await driver().findZone(zoneName);
    await put(zone, 'moved', 'A', ['192.0.2.1']);
    await put(zone, 'moved', 'TXT', ['stays']);
    await put(zone, 'neighbour', 'A', ['192.0.2.7']);
    await put(zone, 'moved', 'A', ['192.0.2.2'], ['192.0.2.1']);
    await remove(zone, 'moved', 'A', ['192.0.2.2']);
    expect(await standing(zone, 'moved')).toEqual([{ type: 'TXT', values: ['stays'], ttlSeconds }]);
    expect(await standing(zone, 'neighbour')).toEqual([{ type: 'A', values: ['192.0.2.7'], ttlSeconds }]);
    await remove(zone, 'moved', 'TXT', ['stays']);
    await remove(zone, 'neighbour', 'A', ['192.0.2.7']);
  });

  test('two proofs at one name stand together, and leave one by one', async () => {
    const zone = await driver().findZone(zoneName);
    const name = nameOf('_acme-challenge');
    for (const value of ['first', 'second']) {
      await driver().apply(zone, await plan(zone, { action: 'add', zone: zone.name, name, type: 'TXT', ttlSeconds, values: [value] }));
    }
    expect((await standing(zone, '_acme-challenge'))[0]?.values).toEqual(['first', 'second']);
    await remove(zone, '_acme-challenge', 'TXT', ['first'], 'keep');
    expect((await standing(zone, '_acme-challenge'))[0]?.values).toEqual(['second']);
    await remove(zone, '_acme-challenge', 'TXT', ['second'], 'keep');
  });

  test('plans at once on different names all arrive', async () => {
    const zone = await driver().findZone(zoneName);
    const labels = Array.from({ length: 10 }, (_unused, n) => `many${n}`);
    await Promise.all(labels.map((label, n) => put(zone, label, 'A', [`192.0.2.${n + 1}`])));
    const all = await driver().list(zone);
    expect(all.filter((set) => set.type === 'A' && set.name.startsWith('many')).length).toBe(10);
    await Promise.all(labels.map((label, n) => remove(zone, label, 'A', [`192.0.2.${n + 1}`])));
  });

  test('a wildcard answers, except where a name is hidden by one below it (RFC 4592 §2.2.2)', async () => {
    const zone = await driver().findZone(zoneName);
    await put(zone, '*', 'A', ['192.0.2.5']);
    await put(zone, '_acme-challenge.berta', 'TXT', ['proof']);
    const ask = await resolver(zone);
    expect(await ask.resolve4(nameOf('anybody'))).toEqual(['192.0.2.5']);
    expect(await ask.resolve4(nameOf('two.deep'))).toEqual(['192.0.2.5']);
    await expect(ask.resolve4(nameOf('berta'))).rejects.toMatchObject({ code: 'ENODATA' });
    await remove(zone, '_acme-challenge.berta', 'TXT', ['proof']);
    await remove(zone, '*', 'A', ['192.0.2.5']);
  });

  test('a zone keeps its SOA and NS, and its serial grows', async () => {
    const zone = await driver().findZone(zoneName);
    const serial = async (): Promise<number> => (await (await resolver(zone)).resolveSoa(zoneName)).serial;
    const before = await serial();
    await put(zone, 'grow', 'A', ['192.0.2.1']);
    expect(await serial()).toBeGreaterThan(before);
    await remove(zone, 'grow', 'A', ['192.0.2.1']);
    expect((await driver().list(zone)).map((set) => set.type)).toEqual(expect.arrayContaining(['SOA', 'NS']));
    expect((await driver().authoritativeServers(zone)).length).toBeGreaterThan(0);
  });

  test('says how far its key reaches, and looks only', async () => {
    const zone = await driver().findZone(zoneName);
    const before = await driver().list(zone);
    const reach = await driver().reach(zone);
    expect(['own', 'zone', 'whole-server']).toContain(reach.kind);
    if (reach.kind === 'whole-server') expect(reach.otherZones).toBeGreaterThanOrEqual(0);
    expect(await driver().list(zone)).toEqual(before);
  });

  test('takes a zone away only where the name server is ours, and nothing beside it', async () => {
    const { createZone, findZone, list, reach, removeZone } = driver();
    const zone = await findZone(zoneName);
    expect((await reach(zone)).kind === 'own').toBe(removeZone !== undefined);
    if (removeZone === undefined) return;
    await createZone(`leaves.${zoneName}`, []);
    await removeZone(`Leaves.${zoneName}.`);
    await removeZone(`leaves.${zoneName}`);
    expect(await findZone(`anna.leaves.${zoneName}`)).toEqual(zone);
    expect((await list(zone)).map((set) => set.type)).toEqual(expect.arrayContaining(['SOA', 'NS']));
  });

  test('gives up when the caller does', async () => {
    await expect(driver().findZone(zoneName, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
}

type Running<K extends DnsKind> = {
  readonly credentials: CredentialsOf<K>;
  /** Where the driver is one that is open already: the built-in server itself. */
  readonly nameServer?: DnsDriver;
  /** Of the far side; the driver is closed before. */
  readonly stop: () => Promise<void>;
};

/** What `<kind>/fixtures/subject.ts` exports as `subject`: the far side of one provider. */
export type DnsConformanceSubject<K extends DnsKind> = {
  /** A program that is no part of this one: then the suite runs in ring 3. */
  readonly isReal?: boolean;
  /** A server for a driver of this kind; `openNameServer`: a name server in memory, for an API of a fixture to stand before. It is closed afterwards. */
  readonly start: (openNameServer: () => Promise<DnsDriver>) => Promise<Running<K>>;
};

async function subjectOf(kind: DnsKind): Promise<DnsConformanceSubject<DnsKind>> {
  const found: { readonly subject?: DnsConformanceSubject<DnsKind> } = await import(`./${kind}/fixtures/subject.ts`);
  if (found.subject === undefined) throw new Error(`src-main/drivers/dns/${kind}/fixtures/subject.ts exports no subject`);
  return found.subject;
}

/** The suite for every DNS row of the catalogue whose far side is real, or not. A row without a subject throws. */
export async function testEveryDnsProvider({ isReal }: { readonly isReal: boolean }): Promise<void> {
  const zoneName = 'farm.example';
  const timeoutMs = 5000;
  const { openServer } = ownProcess();
  for (const kind of kindsOf('dns')) {
    const subject = await subjectOf(kind);
    if ((subject.isReal ?? false) !== isReal) continue;
    describe(`${kind} as a DNS driver`, () => {
      const closers: (() => Promise<void>)[] = [];
      let driver: DnsDriver;
      let kept: readonly StoredZone[] = [];
      const zoneStorage = {
        load: async () => kept,
        save: async (zones: readonly StoredZone[]): Promise<void> => {
          kept = zones;
        },
      };
      beforeAll(async () => {
        const running = await subject.start(async () => {
          const nameServer = await createBuiltinDriver({ address: '127.0.0.1', port: 0 }, { zoneStorage, openServer, timeoutMs });
          closers.unshift(nameServer.close);
          return nameServer;
        });
        closers.unshift(running.stop);
        const context = {
          resolveHost: async () => ['127.0.0.1'],
          timeoutMs,
          zoneStorage,
          openServer,
          listen: { address: '127.0.0.1', ports: [0] },
        };
        driver = running.nameServer ?? (await openDnsDriver(kind, running.credentials, context));
        closers.unshift(driver.close);
        await driver.createZone(zoneName, [`ns1.${zoneName}`, 'ns2.example.net']);
      });
      afterAll(async () => {
        for (const close of closers) await close();
      });
      testDriver({ driver: () => driver, zoneName });
    });
  }
}
