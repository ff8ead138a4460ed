import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { findLogged } from '#kit/node/find-logged.ts';
import type { DnsKind } from '#contract/catalogue/providers.ts';
import { createAgentLinks } from './drivers/agent-link/create-agent-links.ts';
import { createFileZoneStorage } from './drivers/dns/builtin/file-storage.ts';
import { createOpenNameServer } from './drivers/dns/builtin/process/name-server-process.ts';
import { openDnsDriver } from './drivers/dns/open-driver.ts';
import type { AgentProgramSource } from './drivers/local-agents/agent-program.ts';
import { createLocalAgents } from './drivers/local-agents/index.ts';
import { createProgramCopy } from './drivers/local-agents/program-copy/index.ts';
import type { FoldersInUse } from './drivers/local-agents/program-copy/sweep-copies.ts';
import { createPayloads } from './drivers/packages/index.ts';
import { createPki } from './drivers/pki/create-pki.ts';
import { createDirectProbe } from './drivers/probe/direct/index.ts';
import { createFileKeeper } from './drivers/secrets/file-keeper.ts';
import { openSecrets } from './drivers/secrets/open-secrets.ts';
import { openSqliteStore } from './drivers/store/sqlite/index.ts';
import { createIds } from './drivers/system/ids.ts';
import type { AgentLinks } from './ports/agent-writes.ts';
import type { Clock } from './ports/clock.ts';
import type { DnsDriver } from './ports/dns-writes.ts';
import type { SpaceKeeper } from './ports/home-space.ts';
import type { Ids } from './ports/ids.ts';
import type { LocalAgents } from './ports/local-agents.ts';
import type { Payloads } from './ports/payloads.ts';
import type { Pki } from './ports/pki.ts';
import type { OutsideProbe } from './ports/probe.ts';
import type { FindLogged } from './ports/logged.ts';
import type { Log } from './ports/request.ts';
import type { Keeper, Secrets } from './ports/secrets.ts';
import type { Store } from './ports/store.ts';

/** Everything outside the core, made real. A test puts its own in the place of any of them. */
export type CoreDrivers = {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly ids: Ids;
  readonly pki: Pki;
  readonly links: AgentLinks;
  readonly payloads: Payloads;
  readonly probe: OutsideProbe;
  readonly space: SpaceKeeper;
  readonly localAgents: LocalAgents;
  /** A DNS driver with its credentials checked. Throws the driver's coded errors. */
  readonly createDns: (kind: DnsKind, credentials: Readonly<Record<string, unknown>>) => Promise<DnsDriver>;
  readonly sha256: (text: string) => string;
  /** In the logs of this home. */
  readonly findLogged: FindLogged;
};

export type DriverOptions = {
  readonly home: string;
  /** Made by the shell before anything else is opened: there must be room to start. */
  readonly space: SpaceKeeper;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The shell's own keepers of the data key, e.g. the keychain, before the key file. */
  readonly keepers: readonly Keeper[];
  readonly packagesFolder: string;
  /** Built payloads that outlive a home: a checkout's or an installation's own cache. */
  readonly payloadCacheFolder: string;
  /** Payloads that came with an installation; only read. */
  readonly readyPayloadsFolder?: string | undefined;
  readonly agentBundlePath: string;
  /** The Node that runs agents of this computer, and npm. */
  readonly runtime: string;
  /** The program of the built-in name server's own process. */
  readonly nameServerPath: string;
  /** Whether this computer's system lets a process pass UDP sockets to another. */
  readonly canPassSockets: boolean;
  /** Whether agents run on this computer's system. */
  readonly canRunAgents: boolean;
  /** Bundle and Node are copied into a folder below, once per version, and run from there. Run where they are when absent. */
  readonly programCopy?: { readonly root: string; readonly foldersInUse: FoldersInUse } | undefined;
};

const dnsTimeoutMs = 10_000;
/** Where the built-in name server likes to listen, so that a person can ask it again after a restart. */
const builtinDnsPort = 7053;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The log of shell and core. */
export const coreLogPath = (home: string): string => join(home, 'core.log');

/** In what shell and core wrote, and the desktop around them where there is one. */
export const findInHome =
  (home: string): FindLogged =>
  (reference) =>
    findLogged([coreLogPath(home), join(home, '.desktop', 'desktop.log')], reference);

/** What the built-in name server answers from. */
export const zonesPath = (home: string): string => join(home, 'zones.json');

/**
 * The Node of the name server: that of the installation, which it does not outlive. The user that it becomes under root may not read an installation that is
 * a mount of ours.
 */
const nameServerRuntime = async ({ runtime, programCopy }: DriverOptions, program: AgentProgramSource): Promise<string> =>
  programCopy !== undefined && process.geteuid?.() === 0 ? (await program.find()).runtime : runtime;

function createDnsFactory(options: DriverOptions, program: AgentProgramSource): CoreDrivers['createDns'] {
  const { home, nameServerPath: bundlePath, canPassSockets, clock, log } = options;
  const runtime = (): Promise<string> => nameServerRuntime(options, program);
  const context = {
    resolveHost: async (hostName: string) => (await lookup(hostName, { all: true })).map((found) => found.address),
    timeoutMs: dnsTimeoutMs,
    zoneStorage: createFileZoneStorage(zonesPath(home)),
    openServer: createOpenNameServer({ runtime, bundlePath, canPassSockets, home, clock, log }),
    listen: { address: '127.0.0.1', ports: [builtinDnsPort, 0] },
  };
  return (kind, credentials) => openDnsDriver(kind, credentials, context);
}

function agentProgram({ runtime, agentBundlePath, programCopy, version, clock, log }: DriverOptions): AgentProgramSource {
  const installed = { runtime, agentBundlePath };
  if (programCopy === undefined) return { find: async () => installed, tidy: async () => undefined };
  return createProgramCopy({ installed, version, ...programCopy, clock, log });
}

/** Opens the drivers of one home. Throws what the store and the secrets throw: `HOME_HALF_WRITTEN`, `HOME_NEWER`, `SECRETS_LOCKED`, `STORE_FULL`. */
export async function openDrivers(options: DriverOptions): Promise<CoreDrivers> {
  const { home, clock, log } = options;
  const program = agentProgram(options);
  const store = await openSqliteStore({ file: join(home, 'farm.sqlite'), clock });
  try {
    const keepers = [...options.keepers, createFileKeeper(join(home, 'data.key'), log)];
    const secrets = await openSecrets({ folder: home, keepers });
    return {
      store,
      secrets,
      ids: createIds(clock),
      pki: createPki(),
      links: createAgentLinks({ clock, log, coreVersion: options.version }),
      payloads: createPayloads({
        packagesFolder: options.packagesFolder,
        cacheFolder: options.payloadCacheFolder,
        readyFolder: options.readyPayloadsFolder,
        runtime: async () => (await program.find()).runtime,
        log,
      }),
      probe: createDirectProbe({ clock }),
      space: options.space,
      localAgents: createLocalAgents({ program, isSupported: options.canRunAgents, clock, log }),
      createDns: createDnsFactory(options, program),
      sha256,
      findLogged: findInHome(home),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
