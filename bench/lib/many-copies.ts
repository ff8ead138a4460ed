import { createHash } from 'node:crypto';
import type { Resources } from '#contract/api/base.ts';
import { packageId } from '#contract/ids.ts';
import { systemClock } from '../../src-main/drivers/system/clock.ts';
import { createIds } from '../../src-main/drivers/system/ids.ts';
import type { Table, Tables } from '../../src-main/ports/store.ts';
import { createFakeAgent, type FakeAgent } from '../../src-main/testing/fake-agent.ts';
import { openFarm, openStore, type World } from './farm-in-memory.ts';

// What is made once through the program is copied, row by row, under other names: a farm of a thousand stands in a second instead of minutes, and every
// row in it is one that the program itself wrote.

export const benchDomain = 'farm.test';
const serverName = 'Zzserverzz';
const instanceName = 'zzinstancezz';
const gigabyte = 1024 ** 3;
const capacity: Resources = { memoryBytes: 4096 * gigabyte, cpuMillicores: 4_000_000, diskBytes: 40_960 * gigabyte };
const ids = createIds(systemClock);

const publicAddressOf = (at: number): string => `10.${Math.floor(at / 62_500) + 1}.${Math.floor(at / 250) % 250}.${(at % 250) + 1}`;
export const dialled = (name: string): string => `${name.toLowerCase()}.test:7443`;
const newAgent = (name: string, at: number): FakeAgent =>
  createFakeAgent({ name, clock: systemClock, publicAddress: publicAddressOf(at), capacity });

/** Replaces each of these texts, wherever it stands in a plain JSON value. */
function renamed<Value>(value: Value, names: readonly (readonly [string, string])[]): Value {
  const text = names.reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(value));
  return JSON.parse(text) as Value;
}

/** The tables in which a thing of the farm may have rows; of `acts` and `durations` nothing hangs on it. */
const rowTables = ['servers', 'instances', 'ownedRecords', 'jobs', 'jobSteps', 'auditLog'] as const satisfies readonly (keyof Tables)[];
type Row = { readonly id: string };
type Rows = ReadonlyMap<(typeof rowTables)[number], readonly Row[]>;

async function rowsOf(tables: Tables, marks: readonly string[]): Promise<Rows> {
  const found = new Map<(typeof rowTables)[number], readonly Row[]>();
  for (const name of rowTables) {
    const rows: readonly Row[] = await tables[name].find();
    found.set(
      name,
      rows.filter((row) => marks.some((mark) => JSON.stringify(row).includes(mark))),
    );
  }
  return found;
}

async function insertCopy(tables: Tables, rows: Rows, names: readonly (readonly [string, string])[]): Promise<void> {
  for (const [name, all] of rows)
    for (const row of all) {
      const copy = renamed(row, names);
      const table = tables[name] as unknown as Pick<Table<Row>, 'insert'>;
      await table.insert(copy.id === row.id ? { ...copy, id: ids.uuid() } : copy);
    }
}

function copyAgent(from: FakeAgent, to: FakeAgent): void {
  for (const [key, one] of from.installed) to.installed.set(key, one);
  for (const [key, one] of from.certificates) to.certificates.set(key, one);
}

/** Farm, domain and one server, through the program, and one instance on it. */
async function makeFirst(world: World): Promise<void> {
  world.agents.set(dialled(serverName), newAgent(serverName, 0));
  const farm = await openFarm(world);
  const { client, key } = farm;
  await farm.start();
  await client.settings.startFarm({ name: 'Bench farm', language: 'en', timeZone: 'UTC', requestKey: key() });
  await farm.done(await client.domains.add({ name: benchDomain, dns: { kind: 'builtin' }, requestKey: key() }));
  await farm.done(
    await client.servers.add({
      address: dialled(serverName),
      code: `CODE-OF-${serverName.toUpperCase()}`,
      name: serverName,
      requestKey: key(),
    }),
  );
  await farm.done(await client.instances.create({ name: instanceName, packageId: packageId.parse('static-site'), requestKey: key() }));
  await farm.close();
}

type First = { readonly serverId: string; readonly instanceId: string };
function firstOf(world: World): First & { readonly agent: FakeAgent; readonly farmId: string } {
  const agent = world.agents.get(dialled(serverName));
  const instanceId = agent?.instances.keys().next().value;
  const farmId = agent?.farm();
  if (agent === undefined || instanceId === undefined || farmId === undefined) throw new Error('the first server has no instance');
  return { agent, instanceId, farmId, serverId: '' };
}

/** Puts copies of the first instance on a server: rows, the agent's own record, its route, and the record at the name server. */
async function addInstances(world: World, tables: Tables, rows: Rows, from: First, at: readonly string[], serverId: string, to: FakeAgent) {
  const { agent } = firstOf(world);
  const kept = agent.instances.get(from.instanceId);
  const route = agent.routes.get(`${instanceName}.${benchDomain}`);
  const zone = world.nameServer.zones().find(({ name }) => name === benchDomain);
  if (kept === undefined || route === undefined || zone === undefined) throw new Error('the first instance is not whole');
  const jobIds = [...new Set((rows.get('jobs') ?? []).map(({ id }) => id))];
  const requestKeys = (rows.get('jobs') ?? []).flatMap((row) => ('requestKey' in row ? [String(row.requestKey)] : []));
  const records = zone.records.filter(({ name }) => name.startsWith(`${instanceName}.`));
  const added = [...zone.records];
  for (const [index, name] of at.entries()) {
    const instanceId = ids.uuid();
    const names: [string, string][] = [
      [from.instanceId, instanceId],
      [from.serverId, serverId],
      [instanceName, name],
      [agent.publicAddress, to.publicAddress],
      ...jobIds.map((id): [string, string] => [id, ids.uuid()]),
      ...requestKeys.map((key): [string, string] => [key, `copy of ${key} ${name}`]),
    ];
    await insertCopy(tables, rows, names);
    const port = kept.instance.port + 1 + index;
    const copy = renamed({ spec: kept.spec, instance: kept.instance }, names);
    to.instances.set(instanceId, { ...copy, instance: { ...copy.instance, port }, lines: [] });
    const copied = renamed(route, names);
    to.routes.set(copied.host, { ...copied, target: { ...copied.target, port } });
    added.push(...renamed(records, names));
  }
  world.nameServer.put({ ...zone, serial: zone.serial + 1, records: added });
}

/**
 * A farm with so many servers and so many instances on each, beside the first server with its one instance. Nobody may have the world open. Answers
 * with the servers' names.
 */
export async function fillWorld(
  world: World,
  { servers, instancesEach }: { readonly servers: number; readonly instancesEach: number },
): Promise<string[]> {
  await makeFirst(world);
  const { agent, instanceId, farmId } = firstOf(world);
  const store = await openStore(world);
  try {
    return await store.transaction(async (tables) => {
      const [first] = await tables.servers.find();
      const [instance] = await tables.instances.find();
      if (first === undefined || instance === undefined) throw new Error('the first server or instance is not in the store');
      const from = { serverId: first.id, instanceId };
      const joined = await tables.jobs.find({ type: 'join-server' });
      const serverRows = await rowsOf(
        tables,
        joined.map(({ id }) => id),
      );
      const instanceRows = await rowsOf(tables, [instanceId, ...(instance.jobId === null ? [] : [instance.jobId])]);
      const names: string[] = [];
      for (let at = 1; at <= servers; at += 1) {
        const name = `Server${at}`;
        const serverId = ids.uuid();
        const to = newAgent(name, at);
        copyAgent(agent, to);
        to.joined(farmId, serverId);
        world.agents.set(dialled(name), to);
        const swaps: [string, string][] = [
          [from.serverId, serverId],
          [dialled(serverName), dialled(name)],
          [serverName, name],
          [serverName.toLowerCase(), name.toLowerCase()],
          [agent.fingerprint, createHash('sha256').update(`key of ${name}`).digest('hex')],
          [agent.publicAddress, to.publicAddress],
          ...joined.flatMap(({ id, requestKey }): [string, string][] => [
            [id, ids.uuid()],
            [requestKey, `copy of ${requestKey} ${name}`],
          ]),
        ];
        const rows = new Map([...serverRows, ['servers' as const, [first]]]);
        await insertCopy(tables, rows, swaps);
        const copies = Array.from({ length: instancesEach }, (_, index) => `copy-${at}-${index}`);
        await addInstances(world, tables, instanceRows, from, copies, serverId, to);
        names.push(name);
      }
      return names;
    });
  } finally {
    await store.close();
  }
}
