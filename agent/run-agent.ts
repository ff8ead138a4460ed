import { dirname, join } from 'node:path';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { keyWords } from '#words/key-words.ts';
import { keepAddressFile } from './address-file.ts';
import { bringEdgeAlong } from './bring-edge-along.ts';
import type { RunSettings } from './command-line.ts';
import { createEdgeControl } from './edge/edge-control.ts';
import { removeTemporaries } from '#kit/node/whole-file.ts';
import { chooseOs } from './os/choose-os.ts';
import { createFailPoint } from './os/fail-point.ts';
import type { HostOs } from './os/host-os.ts';
import { onStopRequested } from './os/stop-request.ts';
import { createSystemClock } from './os/system-clock.ts';
import type { AgentLog, EdgeControl } from './ports.ts';
import { quietEngine } from './quiet-engine.ts';
import { watchIsolation } from './isolation-watch.ts';
import { openHome } from './open-home.ts';
import { agentKeyOf, startAgent } from './start-agent.ts';
import { lockHome } from './state/home-lock.ts';
import { createJsonLog } from './state/json-log.ts';
import { createAgentReserve, withRoom } from './state/reserve.ts';
import { watchSpace } from './state/space-watch.ts';
import { agentVersion } from './version.ts';
import { watchForBugs } from './os/watch-for-bugs.ts';

/** Connections that do not end by themselves are left behind after this. */
const longestStopMs = 3000;
/** Locks, addresses, codes: all that an agent writes until it is there. */
const startNeedsBytes = 256 * 1024;

export type RunResult = 'running' | { readonly alreadyIn: number };

/** The edge lies beside the agent: the bundle beside the bundle, the source beside the source. */
function edgeBundleOf(settings: RunSettings, script: string): string {
  if (settings.edgeBundle !== undefined) return settings.edgeBundle;
  return script.endsWith('.ts') ? join(dirname(script), 'edge', 'main.ts') : join(dirname(script), 'edge.cjs');
}

/**
 * Runs the agent of a home until the system asks it to end; resolves when it listens. Throws coded errors when it cannot start, `PORT_TAKEN` with the port.
 * A home whose agent lives answers with that agent's process.
 */
export async function runAgent(settings: RunSettings, script: string): Promise<RunResult> {
  // What is private says so itself; payloads must be readable by the users of instances, whoever started us.
  process.umask(0o022);
  quietEngine();
  const os = chooseOs();
  const clock = createSystemClock();
  const { folders, runtime, paths } = await openHome(os, settings.home, settings.instances);
  const reserve = createAgentReserve(join(folders.home, 'reserve'), folders.home);
  let release: () => Promise<void>;
  try {
    reserve.secure(startNeedsBytes);
    release = await withRoom(reserve, () => lockHome(folders, os));
  } catch (error) {
    if (isFarmError(error, 'HOME_LOCKED')) return { alreadyIn: error.parameters.processId };
    throw error;
  }
  // What an agent left that was killed while it wrote; the home is ours alone from here on.
  await removeTemporaries(folders.home);
  const log = createJsonLog(join(folders.logs, 'agent.log'), clock);
  watchForBugs(log);
  const agentKey = agentKeyOf(folders.home);
  const edgeBundlePath = edgeBundleOf(settings, script);
  const edge = createEdgeControl({
    os,
    clock,
    log,
    folder: join(folders.home, 'edge'),
    runtime: process.execPath,
    bundlePath: edgeBundlePath,
    https: settings.https,
    http: settings.http,
    workers: settings.edgeWorkers,
    agentKey,
    version: agentVersion,
    room: reserve,
  });
  const isolation = watchIsolation({ os, clock, log, folders, paths });
  const space = watchSpace({ home: folders.home, reserve, clock, log });
  try {
    log.info('agent.starting', { version: agentVersion, processId: process.pid, isolation: isolation.now() });
    const agent = await startAgent({
      os,
      clock,
      log,
      folders,
      edge,
      space,
      room: reserve,
      failPoint: createFailPoint(process.env['FARM_FAIL_POINT']),
      version: agentVersion,
      agentKey,
      isolation,
      hasPortRules: settings.hasPortRules,
      runtime,
      link: settings.link,
      simulated: settings.simulated,
    });
    const identity = os.identify(process.pid);
    const about = {
      processId: process.pid,
      startMark: identity?.startMark ?? '',
      linkPort: agent.link.port,
      version: agentVersion,
      startedAtMs: clock.nowMs(),
    };
    const addressFile = { path: join(folders.home, 'agent.json'), edge, log, agent: about };
    const address = await withRoom(reserve, () => keepAddressFile(addressFile));
    const { https, http } = edge.listeners();
    const words = keyWords(agent.link.keyFingerprint).join(' ');
    log.info('agent.listening', { ...about, httpsPort: https.port, httpPort: http.port, keyWords: words });
    void bringEdgeAlong(edge, edgeBundlePath, log);
    onStopRequested((request) => {
      log.info('agent.stopping', { request });
      const end = async (): Promise<void> => {
        space.close();
        isolation.close();
        await address.close();
        await Promise.race([agent.close(), new Promise<void>((resolve) => setTimeout(resolve, longestStopMs))]);
        edge.close();
        await release();
      };
      void end()
        .catch((error: unknown) => log.bug(error, { at: 'stop' }))
        .finally(() => process.exit(0));
    });
    return 'running';
  } catch (error) {
    space.close();
    await endUnusedEdge(edge).catch(() => undefined);
    edge.close();
    isolation.close();
    await release().catch(() => undefined);
    throw toCoded(error, log, os);
  }
}

/** A start that failed leaves no edge behind, unless visitors of earlier days still come through it. */
async function endUnusedEdge(edge: EdgeControl): Promise<void> {
  const { routeCount } = await edge.status();
  if (routeCount === 0) await edge.stop();
}

/** A bug at the start keeps its reference, so that the line on stderr and the log can be put together. */
function toCoded(error: unknown, log: AgentLog, os: HostOs): unknown {
  if (isFarmError(error, 'PORT_TAKEN') && error.parameters.owner === '') {
    const { port } = error.parameters;
    return toCoded(new FarmError('PORT_TAKEN', { port, owner: os.portOwner(port) || 'unknown' }, { cause: error }), log, os);
  }
  if (error instanceof FarmError) {
    log.warn('agent.not-started', { code: error.code, parameters: error.parameters });
    return error;
  }
  return Object.assign(new Error('agent start', { cause: error }), { reference: log.bug(error, { at: 'start' }) });
}
