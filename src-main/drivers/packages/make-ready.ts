import type { Log } from '../../ports/request.ts';
import { createPayloads, readyPacker } from './index.ts';

/** What is brought along: packages whose payload npm builds, for the systems that servers run. */
const platforms = ['linux-x64', 'windows-x64'];

/**
 * Builds the payloads that come with an installed desktop, which has no npm: `node make-ready.ts <packages folder> <folder to fill>`. Needs npm
 * and its cache or a network. Run by `npm run dist`.
 */
async function makeReady(packagesFolder: string, readyFolder: string): Promise<void> {
  const write = (event: string, fields: unknown): void => void process.stderr.write(`${JSON.stringify({ event, fields })}\n`);
  const log: Log = {
    info: () => undefined,
    warn: write,
    bug: (error) => {
      write('bug', String(error));
      return '';
    },
  };
  const payloads = createPayloads({ packagesFolder, cacheFolder: readyFolder, packer: readyPacker, log });
  for (const file of await payloads.manifests()) {
    const isNpm = file.manifest.payload.some(({ source }) => source.kind === 'npm');
    for (const platform of isNpm ? platforms : []) {
      const { sha256, sizeBytes } = await payloads.build(file, platform);
      process.stdout.write(`${JSON.stringify({ packageId: file.manifest.id, platform, sha256, sizeBytes })}\n`);
    }
  }
}

const [packagesFolder, readyFolder] = process.argv.slice(2);
if (packagesFolder === undefined || readyFolder === undefined) throw new Error('two folders are needed');
await makeReady(packagesFolder, readyFolder);
