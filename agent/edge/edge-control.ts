import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { EdgeStatus } from '#contract/agent/edge.ts';
import type { HostOs, ProcessIdentity, Spawned } from '../os/host-os.ts';
import type { AgentClock, AgentLog, EdgeControl } from '../ports.ts';
import { bundleToStart, chooseBundle, keepBundle } from './edge-bundle.ts';
import {
  certificatePath,
  edgePaths,
  failedStart,
  isHostName,
  publicPart,
  type RunningEdge,
  readCertificates,
  readRoutes,
  readRunning,
  readWhole,
  removeWhole,
  routePath,
  sweepAfterEdge,
  sweepTemporary,
  writeWhole,
} from './edge-files.ts';
import { openPipe, type PipeClient } from './pipe-client.ts';
import type { PipeAsk } from './pipe-messages.ts';

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
  readonly agentKey: string;
  readonly version: string;
};

/** Measured on 2026-11-25 (bench/edge.bench.mjs): with these the edge is as fast as with Node's own settings, and stays below 120 MB under load. */
const runtimeFlags = ['--max-semi-space-size=2', '--max-old-space-size=192', '--optimize-for-size'];
const startMs = 20_000;
const askMs = 15_000;
const upgradeMs = 40_000;
const firstRestartMs = 100;
const longestRestartMs = 30_000;
const quietMs = 60_000;

/** The agent's hold on the edge: files first, then tell. Whatever dies in between, the edge reads its files when it starts. `close` lets go of
 * it: the edge lives on. */
export function createEdgeControl(options: EdgeControlOptions): EdgeControl & { readonly close: () => void } {
  const { os, clock, log } = options;
  const paths = edgePaths(options.folder);
  let pipe: PipeClient | undefined;
  let isWanted = false;
  let isUpgrading = false;
  let restartMs = firstRestartMs;
  let cancelRestart: (() => void) | undefined;
  /** One act on the process at a time: two starts at once would fight for the port. */
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = queue.then(act, act);
    queue = turn.catch(() => undefined);
    return turn;
  };

  const restartLater = (): void => {
    if (!isWanted || cancelRestart !== undefined) return;
    cancelRestart = clock.after(restartMs, () => {
      cancelRestart = undefined;
      restartMs = Math.min(restartMs * 2, longestRestartMs);
      ensure().catch((error: unknown) => {
        log.warn('edge-restart-failed', { code: isFarmError(error) ? error.code : String(error) });
        restartLater();
      });
    });
  };
  const onPipeClosed = (edge: RunningEdge): void => {
    if (pipe?.edge.token !== edge.token) return;
    pipe = undefined;
    if (!isWanted || isUpgrading) return;
    log.warn('edge-gone', { processId: edge.processId });
    restartLater();
  };
  const attach = async (edge: RunningEdge): Promise<PipeClient> => {
    if (pipe !== undefined && pipe.edge.token === edge.token) return pipe;
    const opened = await openPipe(edge, () => onPipeClosed(edge));
    const before = pipe;
    pipe = opened;
    before?.close();
    return opened;
  };
  const statusOf = async (client: PipeClient): Promise<EdgeStatus> => {
    const { status } = await client.ask({ act: 'status' }, askMs);
    if (status === undefined) throw new Error('the edge gave no status');
    return status;
  };

  /** The edge that runs, if it is ours, answers, and listens where it should. One that does not is ended. */
  const adopt = async (tries = 0): Promise<EdgeStatus | undefined> => {
    const running = readRunning(paths);
    if (running === undefined || !os.isAlive(running)) return undefined;
    try {
      const status = await statusOf(await attach(running));
      const isThere = (wanted: number, is: number): boolean => wanted === 0 || wanted === is;
      if (isThere(options.https.port, status.httpsPort) && isThere(options.http.port, status.httpPort)) return status;
      log.info('edge-moves', { httpsPort: options.https.port, httpPort: options.http.port });
    } catch (error) {
      // It may have handed over at this very moment: the one before is then busy ending well, and must be left alone.
      if (tries < 3 && readRunning(paths)?.token !== running.token) return adopt(tries + 1);
      log.warn('edge-silent', { processId: running.processId, cause: String(error) });
    }
    dropPipe();
    // Without a start time (Windows) only the pipe proves that a process is the edge; a silent one may be a stranger with its number.
    if (running.startMark !== 'number-only' || isOurs(running)) await os.killTree(running);
    return undefined;
  };
  const isOurs = (identity: ProcessIdentity): boolean => marked().some((one) => one.processId === identity.processId);
  const marked = (): readonly ProcessIdentity[] => os.findMarked(`edge-${options.agentKey}`).get('edge') ?? [];
  const dropPipe = (): void => {
    const before = pipe;
    pipe = undefined;
    before?.close();
  };

  const start = async (): Promise<EdgeStatus> => {
    sweepAfterEdge(paths);
    const before = readRunning(paths);
    const bundle = bundleToStart(paths, options.bundlePath);
    rmSync(paths.failed, { force: true });
    const spawned = await os.spawnDetached({
      program: options.runtime,
      args: [
        ...[...runtimeFlags, bundle.path, '--folder', options.folder, '--version', options.version, '--sha256', bundle.sha256],
        ...[
          ...['--https', `${options.https.host}:${options.https.port}`, '--last-https', String(before?.httpsPort ?? '')],
          ...['--http', `${options.http.host}:${options.http.port}`, '--last-http', String(before?.httpPort ?? '')],
          ...['--pipe-slot', before?.pipeSlot === 0 ? '1' : '0'],
        ],
      ],
      folder: options.folder,
      // One heap for large buffers instead of one per thread: what a download leaves behind is used again (glibc, mallopt(3)).
      environment: { MALLOC_ARENA_MAX: '1' },
      user: undefined,
      outPath: `${paths.log}.out`,
      errorPath: `${paths.log}.out`,
      marker: `edge-${options.agentKey}:edge`,
    });
    try {
      return await untilServing(spawned, before?.token);
    } catch (error) {
      await os.killTree(spawned.identity);
      throw error;
    }
  };
  const untilServing = async (spawned: Spawned, tokenBefore: string | undefined): Promise<EdgeStatus> => {
    let exitCode: string | undefined;
    spawned.exited.then(
      (end) => {
        exitCode = end.exitCode;
      },
      () => undefined,
    );
    for (const deadline = clock.steadyMs() + startMs; clock.steadyMs() < deadline; ) {
      const running = readRunning(paths);
      if (running !== undefined && running.token !== tokenBefore && running.processId === spawned.identity.processId)
        return statusOf(await attach(running));
      if (exitCode !== undefined) throw startFailure(exitCode);
      await delay(10);
    }
    throw new FarmError('APPLICATION_DIED', { name: 'edge', exitCode: '', lastLine: '' });
  };
  const startFailure = (exitCode: string): FarmError => {
    const read = readWhole(paths.failed, failedStart);
    if (read.state !== 'good') return new FarmError('APPLICATION_DIED', { name: 'edge', exitCode, lastLine: '' });
    return new FarmError('APPLICATION_DIED', { name: 'edge', exitCode, lastLine: read.value.code });
  };

  const ensure = (): Promise<EdgeStatus> =>
    inTurn(async () => {
      isWanted = true;
      sweepTemporary(paths);
      const status = (await adopt()) ?? (await start());
      if (clock.nowMs() - status.startedAtMs > quietMs) restartMs = firstRestartMs;
      return status;
    });

  /** The pipe of the running edge; starts the edge when there is none. */
  const reach = async (): Promise<PipeClient> => {
    if (pipe !== undefined && !isUpgrading) return pipe;
    await ensure();
    if (pipe === undefined) throw new FarmError('SERVER_UNREACHABLE', { server: 'edge', address: paths.running, cause: 'closed' });
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
      writeWhole(routePath(paths, route.host), JSON.stringify(route));
      await tell({ act: 'route', host: route.host });
    },
    removeRoute: async (host) => {
      removeWhole(routePath(paths, host));
      await tellIfRunning({ act: 'route', host });
    },
    routes: async () => readRoutes(paths).good,
    putCertificate: async (certificate, keyPem) => {
      writeWhole(certificatePath(paths, certificate.certificateId), JSON.stringify({ certificate, keyPem }));
      await tell({ act: 'certificate', certificateId: certificate.certificateId });
    },
    removeCertificate: async (certificateId) => {
      removeWhole(certificatePath(paths, certificateId));
      await tellIfRunning({ act: 'certificate', certificateId });
    },
    certificates: async () => readCertificates(paths).good.map(publicPart),
    status: async () => {
      const client = await reachRunning();
      if (client === undefined) throw new FarmError('SERVER_UNREACHABLE', { server: 'edge', address: paths.running, cause: 'closed' });
      return statusOf(client);
    },
    upgrade: (bundlePath, bundleHash) =>
      inTurn(async () => {
        isWanted = true;
        sweepTemporary(paths);
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
      cancelRestart?.();
      dropPipe();
    },
  };

  async function handOver(bundle: { readonly path: string; readonly sha256: string }): Promise<EdgeStatus> {
    const old = pipe;
    if (old === undefined) throw new FarmError('SERVER_UNREACHABLE', { server: 'edge', address: paths.running, cause: 'closed' });
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
