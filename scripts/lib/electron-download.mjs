import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Fetches and unpacks Electron into a folder of its own: `node electron-download.mjs <package folder> <staging folder>`, with a channel to the
 * start script, which watches it (`electron-fetch.mjs`), ends it, and puts the folder in its place. A process of its own, because Electron's fetcher
 * needs a newer Node than these scripts, and so that unpacking can be ended. It downloads, checks and unpacks what Electron's own `install.js` would.
 * @typedef {{ kind: 'progress', transferredBytes: number, totalBytes: number | undefined } | { kind: 'unpacking' } | { kind: 'done' } | Failed} Message
 * @typedef {{ kind: 'failed', reason: string, code: string, status: number | undefined, isComplete: boolean, transferredBytes: number }} Failed
 *   `code`: of Node or undici, '' where there is none; `status`: of the answer or of a proxy's; `isComplete`: as many bytes came as were announced
 */
const [packageFolder = '', stagingFolder = ''] = process.argv.slice(2);
const reportMs = 200;

/** @param {Message} message */
const tell = (message) =>
  /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      if (process.send === undefined) resolve();
      else process.send(message, () => resolve());
    })
  );

// Without its watcher it would run on unseen; the folder counts for nothing until it is put in its place.
process.on('disconnect', () => {
  rmSync(stagingFolder, { recursive: true, force: true });
  process.exit(1);
});

const requireThere = createRequire(join(packageFolder, 'package.json'));
/** @param {string} name @returns {Promise<any>} */
const load = (name) => import(pathToFileURL(requireThere.resolve(name)).href);

/** What is known of why it failed. @param {unknown} error @returns {Pick<Failed, 'reason' | 'code' | 'status'>} */
function describe(error) {
  /** @type {Error[]} */
  const chain = [];
  for (let at = error; at instanceof Error && chain.length < 10; at = at instanceof AggregateError ? at.errors[0] : at.cause)
    chain.push(at);
  const coded = /** @type {(Error & { code?: unknown })[]} */ (chain).find(({ code }) => typeof code === 'string');
  const reason = chain.toReversed().find(({ message }) => message !== '')?.message ?? String(error);
  const { response } = /** @type {{ response?: { status?: unknown } }} */ (chain[0] ?? {});
  const ofProxy = /Proxy response \((\d{3})\)/u.exec(reason)?.[1];
  const status = typeof response?.status === 'number' ? response.status : ofProxy === undefined ? undefined : Number(ofProxy);
  return { reason, code: typeof coded?.code === 'string' ? coded.code : '', status };
}

let transferredBytes = 0;
/** @type {number | undefined} */
let totalBytes;
let toldBytes = 0;
const report = () => {
  if (transferredBytes === toldBytes) return;
  toldBytes = transferredBytes;
  void tell({ kind: 'progress', transferredBytes, totalBytes });
};
/** The list of checksums, where a mirror gives one, is fetched after the archive and is small. @param {{ transferred: number, total: number | null }} progress */
const onProgress = async ({ transferred, total }) => {
  if (transferred < transferredBytes) return;
  transferredBytes = transferred;
  totalBytes = total ?? undefined;
};

async function download() {
  const { downloadArtifact } = await load('@electron/get');
  const { version } = requireThere('./package.json');
  const environment = process.env;
  return downloadArtifact({
    version,
    artifactName: 'electron',
    force: environment.force_no_cache === 'true',
    cacheRoot: environment.electron_config_cache,
    checksums:
      environment.electron_use_remote_checksums || environment.npm_config_electron_use_remote_checksums
        ? undefined
        : requireThere('./checksums.json'),
    platform: process.platform,
    arch: environment.ELECTRON_INSTALL_ARCH || environment.npm_config_arch || process.arch,
    tempDirectory: stagingFolder,
    downloadOptions: { quiet: true, getProgressCallback: onProgress },
  });
}

const timer = setInterval(report, reportMs);
try {
  const archive = await download();
  clearInterval(timer);
  report();
  await tell({ kind: 'unpacking' });
  const { extract } = await load('@electron-internal/extract-zip');
  await extract(archive, { dir: join(stagingFolder, 'dist') });
  await tell({ kind: 'done' });
} catch (error) {
  await tell({
    kind: 'failed',
    ...describe(error),
    isComplete: totalBytes !== undefined && transferredBytes >= totalBytes,
    transferredBytes,
  });
  process.exitCode = 1;
}
process.removeAllListeners('disconnect');
process.disconnect?.();
process.exit();
