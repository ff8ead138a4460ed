import { createRouterClient, type RouterClient } from '@orpc/server';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { Permission } from '#contract/ids.ts';
import { type Core, createCore } from '../../compose.ts';
import type { JobTable } from '../../engine/job-table.ts';
import type { Store } from '../../ports/store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log, RequestContext } from '../../ports/request.ts';
import { createFakeAgent, type FakeAgent } from '../fake-agent.ts';
import { createFakeAgentLinks, type FakeAgentLinks } from '../fake-agent-links.ts';
import { createFakeLocalAgents } from '../fake-local-agents.ts';
import { createFakePayloads } from '../fake-payloads.ts';
import { createFakeProbe } from '../fake-probe.ts';
import { createFakeSpace } from '../fake-space.ts';
import { createManualClock } from '../manual-clock.ts';
import { createLightIds, createLightPki, lightSecrets, realManifests, sha256 } from './light-drivers.ts';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';
import { createMemoryNameServer } from './memory-name-server.ts';
import { createMemoryStore } from './memory-store.ts';
import { addressesAt, places } from './places.ts';
import { createRandom } from './random.ts';
import { createTurns } from './turns.ts';

export type LightClient = RouterClient<Core['router']>;
/** One core, from when it is opened to when it is killed. */
export type Life = { isDead: boolean; readonly core: Core; readonly links: FakeAgentLinks; readonly client: LightClient };
/** When a core dies by itself: at the commit after so many, before it is durable or after. */
export type Death = { after: number; readonly isDurable: boolean };
/** What happens when a job comes to a point of one of its steps (`engine/job-table.ts`); once. */
type Meeting = { readonly point: string; readonly what: () => void; readonly reached: () => void };
type Snapshot = {
  readonly disk: MemoryDisk;
  readonly zones: ReturnType<ReturnType<typeof createMemoryNameServer>['zones']>;
  readonly nowMs: number;
  readonly ids: number;
  readonly members: readonly { readonly address: string; readonly farmId: string; readonly serverId: string }[];
};

export const addressOf = (name: string): string => `${name.toLowerCase()}.test:7443`;
/** A new one each time: one promise for all would hold everybody who ever waited for it, and whole farms with them. */
const forever = (): Promise<never> => new Promise(() => undefined);
/** How often a read waits to be picked; every write does. */
const readTurns = 0.1;

export type OpenOptions = {
  /** In the place of the jobs as they are: what is done wrong on purpose. */
  readonly tables?: (tables: readonly JobTable[]) => readonly JobTable[];
  /** The same of the store. */
  readonly store?: (store: Store) => Store;
};
export type LightWorld = ReturnType<typeof createWorld>;

function createWorld(seed: number, from: Snapshot | undefined, options: OpenOptions = {}) {
  const random = createRandom(seed);
  const clock = createManualClock(from?.nowMs);
  const turns = createTurns(random, clock);
  const disk = createMemoryDisk(from?.disk);
  const nameServer = createMemoryNameServer(from?.zones);
  const ids = createLightIds(random, from?.ids);
  const agents = new Map(
    places.map((name): readonly [string, FakeAgent] => [
      addressOf(name),
      createFakeAgent({ name, clock, publicAddress: addressesAt(name, 'first')[0] ?? '' }),
    ]),
  );
  for (const { address, farmId, serverId } of from?.members ?? []) agents.get(address)?.joined(farmId, serverId);
  const reachable = places.flatMap((place) => {
    const agent = agents.get(addressOf(place));
    return agent === undefined ? [] : addressesAt(place).map((publicAddress) => ({ ...agent, publicAddress }));
  });
  const cuts = new Set<string>();
  const slows = new Set<string>();
  const bugs: unknown[] = [];
  let dnsFailures: FarmError[] = [];
  let meeting: Meeting | undefined;
  let heard: ((address: string, command: string) => void) | undefined;
  let death: (Death & { readonly reached: () => void }) | undefined;
  let life: Life | undefined;
  let keys = 0;
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    bug: (error) => {
      bugs.push(error);
      return 'reference';
    },
  };

  /** Who waits for it and is dead by then waits for ever. */
  const border = async (mine: Pick<Life, 'isDead'>, name: string): Promise<void> => {
    if (mine.isDead) await forever();
    await turns.turn(name);
    if (mine.isDead) await forever();
  };
  const storeOf = (mine: Pick<Life, 'isDead'>) => {
    const die = (isDurable: boolean): boolean => {
      if (death === undefined || death.isDurable !== isDurable || death.after > 0) return mine.isDead;
      const { reached } = death;
      death = undefined;
      kill();
      reached();
      return true;
    };
    return createMemoryStore({
      disk,
      before: (what) => (mine.isDead || what === 'write' || random.chance(readTurns) ? border(mine, `store.${what}`) : undefined),
      onCommit: () => {
        if (death !== undefined) death.after -= 1;
        // what it wrote is taken back, and it never hears of it
        if (die(false)) throw new Error('killed');
        return undefined;
      },
      afterCommit: () => (die(true) ? forever() : undefined),
    });
  };
  const linksOf = (mine: Pick<Life, 'isDead'>): FakeAgentLinks => {
    const links = createFakeAgentLinks({
      clock,
      around: async (address, command, call) => {
        await border(mine, `${address} ${command}`);
        const answer = await call();
        heard?.(address, command);
        await border(mine, `${address} ${command} answered`);
        // done there, but nobody here hears of it
        if (cuts.has(address)) throw new FarmError('SERVER_UNREACHABLE', { server: address, address, cause: 'closed' });
        return answer;
      },
    });
    for (const [address, agent] of agents) links.add(address, agent);
    for (const address of cuts) links.cut(address, true);
    for (const address of slows) links.slow(address, true);
    return links;
  };
  const aroundDns =
    (mine: Pick<Life, 'isDead'>) =>
    async <Answer>(call: string, work: () => Promise<Answer>): Promise<Answer> => {
      await border(mine, call);
      const failure = call === 'dns.list' || call === 'dns.findZone' ? undefined : dnsFailures.shift();
      if (failure !== undefined) throw failure;
      const answer = await work();
      await border(mine, `${call} answered`);
      return answer;
    };
  const clockOf = (mine: Pick<Life, 'isDead'>): Clock => ({
    nowMs: clock.nowMs,
    after: (delayMs, call) => clock.after(delayMs, () => (mine.isDead ? undefined : call())),
  });

  const meet = (mine: Pick<Life, 'isDead'>, point: string): void | Promise<void> => {
    if (mine.isDead) return forever();
    turns.trace.push(`at ${point}`);
    if (point !== meeting?.point) return undefined;
    const { what, reached } = meeting;
    meeting = undefined;
    what();
    reached();
    return mine.isDead ? forever() : undefined;
  };

  /** Opens the home: what is there on the disk is what is known. Throws where it does not open. */
  const open = async (): Promise<Life> => {
    if (life?.isDead === false) throw new Error('the home is open');
    const mine = { isDead: false };
    const around = aroundDns(mine);
    const links = linksOf(mine);
    const ofLife = clockOf(mine);
    const files = await realManifests(log);
    const core = await createCore({
      home: '/home-in-memory',
      version: '0.1.0',
      clock: ofLife,
      log,
      timeZone: 'UTC',
      random: random.next,
      failPoint: (point) => meet(mine, point),
      ...(options.tables === undefined ? {} : { tables: options.tables }),
      drivers: {
        findLogged: async () => undefined,
        store: (options.store ?? ((store) => store))(storeOf(mine)),
        secrets: lightSecrets,
        ids,
        pki: createLightPki(ids.uuid),
        links,
        payloads: createFakePayloads({ manifests: async () => files }),
        probe: createFakeProbe({
          clock,
          agents: () => reachable,
          lookup: async (name, servers) => {
            await border(mine, 'probe');
            return servers.map(() => nameServer.answer(name));
          },
        }),
        localAgents: createFakeLocalAgents({ clock, reach: () => undefined, leave: () => undefined }),
        space: createFakeSpace('/home-in-memory'),
        createDns: async (kind) => nameServer.driver(kind, around),
        sha256,
      },
    });
    const context: RequestContext = { actor: { kind: 'operator', name: 'tester' }, permission: 'own' };
    life = Object.assign(mine, { core, links, client: createRouterClient(core.router, { context }) });
    let opened: { readonly error?: unknown } | undefined;
    core.start().then(
      () => {
        opened = {};
      },
      (error: unknown) => {
        opened = { error };
      },
    );
    // it may be killed while it opens
    await turns.until('the home opens', () => opened !== undefined || mine.isDead);
    if (opened !== undefined && 'error' in opened) throw opened.error;
    return life;
  };
  /** From here on it does nothing more; its disk, agents and name server live on. */
  function kill(): void {
    if (life !== undefined) life.isDead = true;
  }
  const now = (): Life => {
    if (life === undefined || life.isDead) throw new Error('nobody has the home open');
    return life;
  };
  return {
    seed,
    random,
    clock,
    turns,
    disk,
    nameServer,
    agents,
    cuts,
    bugs,
    open,
    kill,
    now,
    isDead: (): boolean => life?.isDead !== false,
    /** The core dies at a commit; resolves when it has. */
    dieAt: (at: Death): Promise<void> =>
      new Promise((reached) => {
        death = { ...at, reached };
      }),
    /** What happens at the next passage of that point of a step: the core is killed, or what is said. Resolves when it has; what is thrown fails the step. */
    at: (point: string, what: () => void = kill): Promise<void> =>
      new Promise((reached) => {
        meeting = { point, what, reached };
      }),
    /** Called when an agent has done a command and its answer is on its way. */
    onDone: (listener: ((address: string, command: string) => void) | undefined): void => {
      heard = listener;
    },
    spare: (): void => {
      death = undefined;
      meeting = undefined;
      heard = undefined;
    },
    cut: (address: string, isCut: boolean): void => {
      if (isCut) cuts.add(address);
      else cuts.delete(address);
      if (life?.isDead === false) life.links.cut(address, isCut);
    },
    /** Its link is being made until it is no longer slow: the first try of whoever opens the home from now on. */
    slow: (address: string, isSlow: boolean): void => {
      if (isSlow) slows.add(address);
      else slows.delete(address);
      if (life?.isDead === false) life.links.slow(address, isSlow);
    },
    /** The next writes to the name server throw these. */
    failDns: (...failures: readonly FarmError[]): void => {
      dnsFailures = [...failures];
    },
    key: (): string => {
      keys += 1;
      return `request-${seed}-${keys}`;
    },
    as: (name: string, permission: Permission = 'own'): LightClient => {
      const context: RequestContext = { actor: { kind: 'operator', name }, permission };
      return createRouterClient(now().core.router, { context });
    },
    /** As the disk has it. */
    jobs: () => disk.jobs.find({}),
    isSettled: (id: string): boolean => ['done', 'undone', 'failed', 'stopped', 'paused'].includes(disk.jobs.get(id)?.state ?? 'done'),
    snapshot: (): Snapshot => ({
      disk: createMemoryDisk(disk),
      zones: nameServer.zones(),
      nowMs: clock.nowMs(),
      ids: ids.count(),
      members: disk.servers.find({}).map(({ address, farmId, id }) => ({ address, farmId, serverId: id })),
    }),
  };
}

/** A farm with the domain `farm.test` and two servers, as a person would make it. */
async function begin(): Promise<Snapshot> {
  const world = createWorld(0, undefined);
  // of another's name server
  world.nameServer.put({ name: 'panel.test', serial: 1, records: [] });
  const { client } = await world.open();
  const { turns } = world;
  const done = async (begun: Promise<JobView>): Promise<void> => {
    const { id } = await turns.during(begun, 'it begins');
    await turns.until('it ends', () => world.isSettled(id));
    const job = world.disk.jobs.get(id);
    if (job?.state !== 'done') throw new Error(JSON.stringify(job?.failure));
  };
  await turns.during(
    client.settings.startFarm({ name: 'Test farm', language: 'en', timeZone: 'UTC', requestKey: world.key() }),
    'the farm starts',
  );
  await done(client.domains.add({ name: 'farm.test', dns: { kind: 'builtin' }, requestKey: world.key() }));
  for (const name of places.slice(0, 2))
    await done(client.servers.add({ address: addressOf(name), code: `CODE-OF-${name.toUpperCase()}`, name, requestKey: world.key() }));
  await turns.pass(60_000);
  world.kill();
  const all = world.snapshot();
  for (const { id } of all.disk.jobs.find({})) all.disk.jobs.remove(id, () => undefined);
  for (const table of [all.disk.jobSteps, all.disk.acts, all.disk.durations, all.disk.auditLog])
    for (const { id } of table.find({})) table.remove(id, () => undefined);
  return all;
}
let begun: Promise<Snapshot> | undefined;

/**
 * A farm in memory whose whole course follows from a seed: who goes on first at each border between core, disk, agents and name server, and when time
 * goes on. Its core can be killed at every commit and opened again. Begun once for this process, copied for each world.
 */
export async function createLightWorld(seed: number, options: OpenOptions = {}): Promise<LightWorld> {
  begun ??= begin();
  return createWorld(seed, await begun, options);
}
