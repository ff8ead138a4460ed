import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { createRouterClient, type RouterClient } from '@orpc/server';
import type { JobView } from '#contract/api/jobs.ts';
import { type Core, createCore } from '../../src-main/compose.ts';
import { createFileKeeper } from '../../src-main/drivers/secrets/file-keeper.ts';
import { openSecrets } from '../../src-main/drivers/secrets/open-secrets.ts';
import { openSqliteStore } from '../../src-main/drivers/store/sqlite/index.ts';
import { systemClock } from '../../src-main/drivers/system/clock.ts';
import { createIds } from '../../src-main/drivers/system/ids.ts';
import { createLog } from '../../src-main/drivers/system/log.ts';
import { createPki } from '../../src-main/drivers/pki/create-pki.ts';
import type { RequestContext } from '../../src-main/ports/request.ts';
import type { Store } from '../../src-main/ports/store.ts';
import type { FakeAgent } from '../../src-main/testing/fake-agent.ts';
import { createFakeAgentLinks, type FakeAgentLinks } from '../../src-main/testing/fake-agent-links.ts';
import { createFakeLocalAgents } from '../../src-main/testing/fake-local-agents.ts';
import { createFakePayloads } from '../../src-main/testing/fake-payloads.ts';
import { createFakeProbe } from '../../src-main/testing/fake-probe.ts';
import { createFakeSpace } from '../../src-main/testing/fake-space.ts';
import { createCountingStore } from '../../src-main/testing/counting-store.ts';
import { realManifests, sha256 } from '../../src-main/testing/light/light-drivers.ts';
import { createMemoryNameServer, type MemoryNameServer } from '../../src-main/testing/light/memory-name-server.ts';

export type Client = RouterClient<Core['router']>;

/** What outlives a core: its folder, the computers with agents by the address at which they are dialled, and the name server. */
export type World = {
  readonly home: string;
  readonly agents: Map<string, FakeAgent>;
  readonly nameServer: MemoryNameServer;
  readonly dispose: () => void;
};

export function createWorld(): World {
  const home = mkdtempSync(join(tmpdir(), 'farmstead-bench-jobs-'));
  return {
    home,
    agents: new Map(),
    nameServer: createMemoryNameServer(),
    dispose: () => rmSync(home, { recursive: true, force: true }),
  };
}

export const openStore = (world: World): Promise<Store> => openSqliteStore({ file: join(world.home, 'farm.sqlite'), clock: systemClock });

export type OpenFarm = {
  readonly core: Core;
  readonly client: Client;
  readonly links: FakeAgentLinks;
  readonly counting: ReturnType<typeof createCountingStore>;
  /** Every command that an agent was given, in order: `<address> <command>` and when. */
  readonly commands: { readonly address: string; readonly command: string; readonly atMs: number }[];
  /** Every question and change that went to the name server. */
  readonly dnsCalls: string[];
  /** What the program wrote down as its own faults. */
  readonly bugs: string[];
  readonly start: () => Promise<void>;
  readonly key: () => string;
  /** Follows a job until it has ended or stopped. */
  readonly settled: (job: JobView) => Promise<JobView>;
  /** The same; throws where it is not done. */
  readonly done: (job: JobView) => Promise<JobView>;
  readonly close: () => Promise<void>;
};

let keys = 0;

/** Each agent behind its own address, so that nobody searches through a thousand of them. */
function probeOf(world: World, roundTrip: () => Promise<void>) {
  const byAddress = new Map([...world.agents.values()].map((agent) => [agent.publicAddress, agent]));
  return createFakeProbe({
    clock: systemClock,
    agents: () => (byAddress.size === world.agents.size ? [...byAddress.values()] : [...world.agents.values()]),
    lookup: async (name, servers) => {
      await roundTrip();
      return servers.map(() => world.nameServer.answer(name));
    },
  });
}

/**
 * A core over a world, with the real SQLite in its folder; agents and name server are in memory, `roundTripMs` away. Nothing is opened before `start`.
 */
export async function openFarm(world: World, { roundTripMs = 0 }: { readonly roundTripMs?: number } = {}): Promise<OpenFarm> {
  const { home, agents, nameServer } = world;
  const roundTrip = async (): Promise<void> => {
    // as an answer from a socket, never in the same turn of the event loop
    await (roundTripMs > 0 ? pause(roundTripMs) : turn());
  };
  const bugs: string[] = [];
  const log = createLog({ clock: systemClock, source: 'bench', write: (line) => void (line.includes('"bug"') && bugs.push(line)) });
  const commands: OpenFarm['commands'] = [];
  const dnsCalls: string[] = [];
  const links = createFakeAgentLinks({
    clock: systemClock,
    around: async (address, command, call) => {
      commands.push({ address, command, atMs: performance.now() });
      await roundTrip();
      return call();
    },
  });
  for (const [address, agent] of agents) links.add(address, agent);
  const counting = createCountingStore(await openStore(world));
  const files = await realManifests(log);
  const core = await createCore({
    home,
    version: '0.1.0',
    clock: systemClock,
    log,
    timeZone: 'UTC',
    drivers: {
      findLogged: async () => undefined,
      store: counting.store,
      secrets: await openSecrets({ folder: home, keepers: [createFileKeeper(join(home, 'data.key'))] }),
      ids: createIds(systemClock),
      pki: createPki(),
      links,
      payloads: createFakePayloads({ manifests: async () => files }),
      probe: probeOf(world, roundTrip),
      localAgents: createFakeLocalAgents({ clock: systemClock, reach: () => undefined, leave: () => undefined }),
      space: createFakeSpace(home),
      createDns: async (kind) =>
        nameServer.driver(kind, async (call, work) => {
          dnsCalls.push(call);
          await roundTrip();
          return work();
        }),
      sha256,
    },
  });
  const context: RequestContext = { actor: { kind: 'operator', name: 'bench' }, permission: 'own' };
  const client = createRouterClient(core.router, { context });
  const settled = async (job: JobView): Promise<JobView> => {
    let last = job;
    for await (const view of await client.jobs.watch({ jobId: job.id })) {
      last = view;
      if (view.state === 'stopped') break;
    }
    return last;
  };
  return {
    ...{ core, client, links, counting, commands, dnsCalls, bugs },
    start: () => core.start(),
    key: () => {
      keys += 1;
      return `bench-key-${keys}-${process.pid}`;
    },
    settled,
    done: async (job) => {
      const last = await settled(job);
      if (last.state !== 'done') throw new Error(`${last.type} ended ${last.state}: ${JSON.stringify(last.failure)}`);
      return last;
    },
    close: () => core.close(),
  };
}
