import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createQueue } from '#kit/keyed-queue.ts';
import { createRestarts } from '#kit/restarts.ts';
import { waitFor } from '#kit/wait.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { EdgeListener, EdgeStatus } from '#contract/agent/edge.ts';
import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import type { AgentClock, AgentLog, EdgeControl, Room } from '../ports.ts';
import { chooseBundle, keepBundle } from './edge-bundle.ts';
import { lookOverTls } from './edge-check.ts';
import {
  certificatePath,
  edgePaths,
  isHostName,
  publicPart,
  type RunningEdge,
  readCertificates,
  readRoutes,
  readRunning,
  removeWhole,
  routePath,
  sweepAfterEdge,
  sweepTemporary,
  writeWhole,
} from './edge-files.ts';
import { keepWorkerCount, knownUser, prepareEdgeFolder } from './edge-folder.ts';
import { type EdgeLook, isServing, missesUntilTold } from './edge-health.ts';
import { createEdgeFind } from './edge-find.ts';
import { createEdgeHold } from './edge-hold.ts';
import { clearRemains } from './edge-remains.ts';
import { runtimeFlags, startEdgeProcess, untilUp } from './edge-start.ts';
import { type EdgePatience, EdgeWatch, usualPatience } from './edge-watch.ts';
import { openPipe, type PipeClient } from './pipe-client.ts';
import type { PipeAsk } from './pipe-messages.ts';
import { createReplacements } from './replacements.ts';

export type ListenAddress = { readonly host: string; readonly port: number };

export type EdgeControlOptions = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  /** Where the edge keeps its files: `<home>/edge`. */
  readonly folder: string;
  /** The Node program that runs the edge. */
  readonly runtime: string;
  /** The edge that comes with this agent. */
  readonly bundlePath: string;
  /** Port 0 takes a free one, and the same one again after a restart. */
  readonly https: ListenAddress;
  readonly http: ListenAddress;
  /** How many workers it has from its next start on; as many as before where it is not said. */
  readonly workers?: number;
  readonly agentKey: string;
  readonly version: string;
  /** What visitors meet must be told on a full disk too, and a dead edge started. */
  readonly room?: Room;
  /** Tests are less patient. */
  readonly patience?: EdgePatience;
};

const askMs = 15_000;
const upgradeMs = 40_000;
const again = { firstMs: 100, longestMs: 30_000, chance: 0, goodMs: 60_000 };
/** What an edge writes until it runs: who it is, and its log. */
const startNeedsBytes = 128 * 1024;

/** The agent's hold on the edge: files first, then tell. Whatever dies in between, the edge reads its files when it starts. `close` lets go of
 * it: the edge lives on. */
export function createEdgeControl(options: EdgeControlOptions): EdgeControl & { readonly close: () => void } {
  const { os, clock, log } = options;
  const paths = edgePaths(options.folder);
  const patience = options.patience ?? usualPatience;
  const wantedListener = ({ host, port }: ListenAddress): EdgeListener => ({ address: host, port, isListening: false, problem: '' });
  const watch = new EdgeWatch({
    clock,
    log,
    patience,
    wanted: { https: wantedListener(options.https), http: wantedListener(options.http) },
    ownerOf: os.portOwner,
    turn: () => turn(),
  });
  const mayReplace = createReplacements(clock.steadyMs, patience.replaceMs);
  let pipe: PipeClient | undefined;
  let isWanted = false;
  let isUpgrading = false;
  const restartMs = createRestarts(again);
  /** Of the edge that runs; undefined once its end was seen. */
  let startedAtMs: number | undefined;
  let user = knownUser(os, paths);
  let cancelRestart: (() => void) | undefined;
  /** One act on the process at a time: two starts at once would fight for the port. */
  const inTurn = createQueue();

  const restartLater = (): void => {
    if (!isWanted || cancelRestart !== undefined) return;
    const livedMs = startedAtMs === undefined ? 0 : clock.nowMs() - startedAtMs;
    startedAtMs = undefined;
    cancelRestart = clock.after(restartMs(livedMs), () => {
      cancelRestart = undefined;
      revive().catch((error: unknown) => {
        noteFailure(error);
        restartLater();
      });
    });
  };
  const onPipeClosed = (closed: PipeClient | undefined): void => {
    if (closed === undefined || pipe !== closed) return;
    pipe = undefined;
    if (!isWanted || isUpgrading) return;
    log.warn('edge-gone', { processId: closed.edge.processId });
    restartLater();
  };
  const attach = async (edge: RunningEdge): Promise<PipeClient> => {
    if (pipe !== undefined && pipe.edge.token === edge.token) return pipe;
    let opened: PipeClient | undefined;
    opened = await openPipe(edge, () => onPipeClosed(opened));
    const before = pipe;
    // Somebody else was quicker.
    if (before?.edge.token === edge.token) {
      opened.close();
      return before;
    }
    pipe = opened;
    before?.close();
    return opened;
  };
  const statusOf = async (client: PipeClient, limitMs = askMs): Promise<EdgeStatus> => {
    const { status } = await client.ask({ act: 'status' }, limitMs);
    if (status === undefined) throw new Error('the edge gave no status');
    return status;
  };

  /** One look from both sides, each with its limit. Never throws. */
  const lookAt = async (running: RunningEdge): Promise<EdgeLook> => {
    const { limitMs } = patience;
    const overPipe = async (): Promise<EdgeLook['pipe']> => {
      try {
        return await statusOf(await attach(running), limitMs);
      } catch (error) {
        return isFarmError(error, 'SERVER_UNREACHABLE') && error.parameters.cause === 'refused' ? 'refused' : 'timeout';
      }
    };
    const hasCertificate = readCertificates(paths).good.length > 0;
    const { token, httpsPort } = running;
    const [status, tls] = await Promise.all([
      overPipe(),
      lookOverTls({ address: options.https.host, port: httpsPort, token, hasCertificate, limitMs }),
    ]);
    return { pipe: status, tls };
  };

  /**
   * The edge that runs, if it is ours, answers, and listens where it should. It is ended when nobody can ever tell it anything, when it should listen
   * elsewhere, and when it was silent on both sides three times: its workers say of its main process too whether they hear of it. One that only is
   * slow at its pipe is left alone.
   */
  const adopt = async (tries = 0): Promise<EdgeStatus | undefined> => {
    const running = readRunning(paths);
    if (running === undefined || !os.isAlive(running)) return undefined;
    const look = await lookAt(running);
    // It may have handed over at this very moment: the one before is then busy ending well, and must be left alone.
    if (typeof look.pipe === 'string' && tries < 3 && readRunning(paths)?.token !== running.token) return adopt(tries + 1);
    const misses = watch.saw(running.token, look);
    if (typeof look.pipe !== 'string') {
      const isThere = (wanted: number, is: number): boolean => wanted === 0 || wanted === is;
      if (isThere(options.https.port, look.pipe.httpsPort) && isThere(options.http.port, look.pipe.httpPort)) return look.pipe;
      log.info('edge-moves', { httpsPort: options.https.port, httpPort: options.http.port });
    } else if (look.pipe !== 'refused') {
      if (!isServing(look.tls) && misses.both < missesUntilTold) {
        await waitFor(clock.after, patience.againMs);
        return adopt(tries);
      }
      const isLost = !isServing(look.tls) || misses.main >= missesUntilTold;
      if (!isLost || !mayReplace()) throw unreachable('timeout');
    }
    log.warn('edge-replaced', { processId: running.processId, pipe: typeof look.pipe === 'string' ? look.pipe : 'answers', tls: look.tls });
    dropPipe();
    // Without a start time (Windows) only the pipe proves that a process is the edge; a silent one may be a stranger with its number.
    // Workers that serve finish what visitors have begun.
    if (running.startMark !== 'number-only' || isOurs(running)) await (isServing(look.tls) ? os.killAlone : os.killTree)(running);
    return undefined;
  };
  const unreachable = (cause: 'timeout' | 'closed'): FarmError =>
    new FarmError('SERVER_UNREACHABLE', { server: 'edge', address: paths.running, cause });
  /** Watching: a look; what is silent on both sides goes through `adopt`, what is gone and nobody starts is started. */
  const turn = async (): Promise<'soon' | 'later'> => {
    try {
      const running = readRunning(paths);
      if (!isWanted || isUpgrading) return 'later';
      if (running === undefined || !os.isAlive(running)) {
        restartLater();
        return 'later';
      }
      const look = await lookAt(running);
      if (!isWanted || isUpgrading || readRunning(paths)?.token !== running.token) return 'soon';
      const misses = watch.saw(running.token, look);
      if (misses.both > 0 || misses.main >= missesUntilTold || look.pipe === 'refused') await revive();
      return misses.pipe + misses.tls > 0 ? 'soon' : 'later';
    } catch (error) {
      noteFailure(error);
      return 'later';
    }
  };
  const noteFailure = (error: unknown): void => {
    log.warn('edge-not-running', { code: isFarmError(error) ? error.code : String(error) });
  };
  const isOurs = (identity: ProcessIdentity): boolean => marked().some((one) => one.processId === identity.processId);
  const marked = (): readonly ProcessIdentity[] => [...os.findMarked(`edge-${options.agentKey}`).values()].flat();
  const dropPipe = (): void => {
    const before = pipe;
    pipe = undefined;
    before?.close();
  };

  const needed = <Result>(write: () => Result): Result => {
    for (;;) {
      try {
        return write();
      } catch (error) {
        if (!isFarmError(error, 'DISK_FULL') || options.room?.release() !== true) throw error;
      }
    }
  };
  const start = async (): Promise<EdgeStatus> => {
    await clearRemains(options, readRunning(paths));
    sweepAfterEdge(paths);
    options.room?.secure(startNeedsBytes);
    try {
      const running = await startEdgeProcess(options, paths);
      const status = await statusOf(await attach(running));
      watch.saw(running.token, await lookAt(running));
      return status;
    } catch (error) {
      watch.failed(isFarmError(error) ? error.code : 'failed');
      throw error;
    }
  };

  const prepare = (): void => {
    sweepTemporary(paths);
    user = needed(() => prepareEdgeFolder(os, paths));
    if (options.workers !== undefined) needed(() => keepWorkerCount(paths, options.workers ?? 1));
  };
  const bringUp = async (): Promise<EdgeStatus> => {
    prepare();
    const status = (await adopt()) ?? ((await untilUp(options, paths)) ? await adopt() : undefined) ?? (await start());
    ({ startedAtMs } = status);
    return status;
  };
  const ensure = (): Promise<EdgeStatus> =>
    inTurn(() => {
      isWanted = true;
      watch.begin();
      return bringUp();
    });
  /** By itself, and never after somebody let go of it or ended it. */
  const revive = (): Promise<unknown> => inTurn(async () => (isWanted ? bringUp() : undefined));

  /** The pipe of the running edge; starts the edge when there is none. */
  const reach = async (): Promise<PipeClient> => {
    if (pipe !== undefined && !isUpgrading) return pipe;
    await ensure();
    if (pipe === undefined) throw unreachable('closed');
    return pipe;
  };
  /** The pipe of an edge that runs already, or undefined; starts none. */
  const reachRunning = (): Promise<PipeClient | undefined> =>
    pipe !== undefined && !isUpgrading
      ? Promise.resolve(pipe)
      : inTurn(async () => {
          await adopt();
          return pipe;
        });
  /** A removed file needs no edge to be removed from. */
  const tellIfRunning = async (ask: PipeAsk): Promise<void> => {
    if (isWanted || (await reachRunning()) !== undefined) await tell(ask);
  };
  /** Tells the edge that a file changed. An edge that died meanwhile is started, and reads its files then. */
  const tell = async (ask: PipeAsk): Promise<void> => {
    for (let tries = 0; ; tries += 1) {
      try {
        await (await reach()).ask(ask, askMs);
        return;
      } catch (error) {
        if (tries >= 2 || !isFarmError(error, 'SERVER_UNREACHABLE')) throw error;
        dropPipe();
      }
    }
  };

  return {
    ensure,
    putRoute: async (route) => {
      if (!isHostName(route.host)) throw new FarmError('PARAMETER_INVALID', { parameter: 'host', problem: route.host });
      needed(() => writeWhole(routePath(paths, route.host), JSON.stringify(route)));
      await tell({ act: 'route', host: route.host });
    },
    removeRoute: async (host) => {
      removeWhole(routePath(paths, host));
      await tellIfRunning({ act: 'route', host });
    },
    routes: async () => readRoutes(paths).good,
    putCertificate: async (certificate, keyPem) => {
      needed(() => writeWhole(certificatePath(paths, certificate.certificateId), JSON.stringify({ certificate, keyPem })));
      await tell({ act: 'certificate', certificateId: certificate.certificateId });
    },
    removeCertificate: async (certificateId) => {
      removeWhole(certificatePath(paths, certificateId));
      await tellIfRunning({ act: 'certificate', certificateId });
    },
    certificates: async () => readCertificates(paths).good.map(publicPart),
    status: async () => {
      const client = await reachRunning();
      if (client === undefined) throw unreachable('closed');
      return statusOf(client);
    },
    ...createEdgeHold({ pipe: () => pipe, log }),
    ...createEdgeFind({ pipe: () => pipe, paths, log }),
    health: () => watch.health,
    onHealth: (listener) => watch.onHealth(listener),
    listeners: () => watch.listeners,
    user: () => user,
    upgrade: (bundlePath, bundleHash) =>
      inTurn(async () => {
        isWanted = true;
        watch.begin();
        prepare();
        const bundle = keepBundle(paths, bundlePath, bundleHash);
        const status = (await adopt()) ?? (await start());
        if (status.bundleSha256 !== bundle.sha256) return handOver(bundle);
        // An upgrade whose agent died before it could note its choice.
        chooseBundle(paths, options.bundlePath, bundle, []);
        return status;
      }),
    stop: () =>
      inTurn(async () => {
        isWanted = false;
        watch.stop(false);
        cancelRestart?.();
        cancelRestart = undefined;
        const running = readRunning(paths);
        await pipe?.ask({ act: 'stop' }, askMs).catch(() => undefined);
        dropPipe();
        const all = [...(running === undefined ? [] : [running, ...running.draining]), ...marked()];
        for (const one of all) if (os.isAlive(one)) await os.killTree(one);
        rmSync(paths.running, { force: true });
        for (const slot of [0, 1]) {
          const path = os.pipePath(dirname(options.folder), `edge-${slot}`);
          if (!path.startsWith('\\\\')) rmSync(path, { force: true });
        }
      }),
    close: () => {
      isWanted = false;
      watch.stop(true);
      cancelRestart?.();
      dropPipe();
    },
  };

  async function handOver(bundle: { readonly path: string; readonly sha256: string }): Promise<EdgeStatus> {
    const old = pipe;
    if (old === undefined) throw unreachable('closed');
    isUpgrading = true;
    try {
      await old.ask(
        {
          act: 'upgrade',
          runtime: options.runtime,
          flags: runtimeFlags,
          bundlePath: bundle.path,
          bundleSha256: bundle.sha256,
          version: options.version,
        },
        upgradeMs,
      );
    } catch (error) {
      if (isFarmError(error)) throw error;
      throw new FarmError('APPLICATION_DIED', { name: 'edge', exitCode: '', lastLine: String(error) }, { cause: error });
    } finally {
      isUpgrading = false;
    }
    const running = readRunning(paths);
    if (running === undefined || running.bundleSha256 !== bundle.sha256)
      throw new FarmError('APPLICATION_DIED', { name: 'edge', exitCode: '', lastLine: 'hand-over' });
    const status = await statusOf(await attach(running));
    chooseBundle(paths, options.bundlePath, bundle, [old.edge.bundlePath]);
    return status;
  }
}
