import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashOf, testManifest, testSpec } from '../applications.ts';
import { makeArchive } from '../archives.ts';
import { greedySource } from '../greedy.ts';
import { eventually } from '../test-agent.ts';
import { type AddressFile, openTestFarm } from '../test-core.ts';

/** Emulated, everything takes ten times as long as usual. */
const patienceMs = 150_000;
const mebibyte = 2 ** 20;
export const plan = { memoryBytes: 160 * mebibyte, cpuMillicores: 250, diskBytes: 100 * mebibyte };
const ports = ['--listen', '127.0.0.1:0', '--https', '127.0.0.1:0', '--http', '127.0.0.1:0', '--edge-workers', '1'];

/** What a command of the machine said. Throws with what it complained of. */
export function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** What systemd and its services said last. */
export const journal = (): string => spawnSync('journalctl', ['-b', '--no-pager', '-n', '30'], { encoding: 'utf8' }).stdout;

async function giveTo(userId: number, path: string): Promise<void> {
  await chown(path, userId, userId);
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true }))
    await chown(join(entry.parentPath, entry.name), userId, userId);
}

export type UnitOptions = {
  readonly name: string;
  /** Lines of its section [Service]; those of an ordinary user name it. */
  readonly lines: readonly string[];
  readonly userId?: number;
  /** The systemctl that it belongs to: of the system, or of a user. */
  readonly systemctl?: readonly string[];
  readonly unitFolder?: string;
};
export type UnitAgent = Awaited<ReturnType<typeof openUnitAgent>>;

/** A real agent as a real service of systemd, with a package whose instances take all that they can get. */
export async function openUnitAgent({ name, lines, userId, systemctl = ['systemctl'], unitFolder = '/run/systemd/system' }: UnitOptions) {
  const folder = join('/srv', name);
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  await chmod(folder, 0o755);
  const farm = await openTestFarm();
  await farm.adopt(home);
  if (userId !== undefined) await giveTo(userId, folder);
  const agent = join(dirname(process.execPath), 'agent.cjs');
  const start = `ExecStart=${process.execPath} ${agent} run --home ${home} ${ports.join(' ')}`;
  await mkdir(unitFolder, { recursive: true });
  writeFileSync(join(unitFolder, `${name}.service`), ['[Service]', start, 'KillMode=process', ...lines, ''].join('\n'));
  const [program = '', ...before] = systemctl;
  const control = (...args: readonly string[]): string => run(program, ...before, ...args);
  control('daemon-reload');
  const mainProcess = (): number => Number(control('show', '--property=MainPID', '--value', name));

  const dial = async () => {
    const address = await eventually(
      () => {
        try {
          return JSON.parse(readFileSync(join(home, 'agent.json'), 'utf8')) as AddressFile;
        } catch {
          return undefined;
        }
      },
      (seen) => seen !== undefined && seen.processId === mainProcess(),
      patienceMs,
    );
    if (address === undefined) throw new Error('no address');
    return farm.dial(address.linkPort);
  };
  control('start', name);
  let link = await dial();
  const archive = await makeArchive([{ name: 'app.cjs', text: greedySource }]);
  const payload = { sha256: hashOf(archive), sizeBytes: archive.byteLength };
  const usual = testManifest({ startSeconds: 90 });
  const setup = usual.setup.map((step) => ({ ...step, timeoutSeconds: 60 }));
  const manifest = farm.signManifest(JSON.stringify({ ...usual, setup }));
  await link.client.packages.upload({ payload, offset: 0, data: archive.toString('base64') });
  await link.client.packages.install({ manifest, payload });

  type Client = typeof link.client;
  /** On a machine that stands still for seconds a connection may be given up: then by another, once. */
  const call = async <Result>(act: (client: Client) => Promise<Result>): Promise<Result> => {
    try {
      return await act(link.client);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
      link = await dial();
      return act(link.client);
    }
  };
  const describe = (instanceId: string) => call((client) => client.instances.describe({ instanceId }));
  return {
    describe,
    put: async (instanceId: string) => {
      const ids = { manifestHash: manifest.manifestHash, payload: payload.sha256 };
      await call((client) => client.instances.create({ ...testSpec(instanceId, 'healthy', ids), limits: plan }));
      return call((client) => client.instances.start({ instanceId }));
    },
    again: (instanceId: string) => call((client) => client.instances.restart({ instanceId })),
    remove: (instanceId: string) => call((client) => client.instances.remove({ instanceId })),
    remains: (instanceId: string) => call((client) => client.instances.remains({ instanceId })),
    ask: async (instanceId: string, path: string): Promise<string> => {
      const { port } = await describe(instanceId);
      return (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    },
    /** What the agent tells the core of limits and users. */
    signs: () =>
      call(async (client) => {
        const first = await (await client.servers.watch()).next();
        return first.done === true ? undefined : first.value;
      }),
    log: async (instanceId: string): Promise<string> => {
      const { lines } = await call((client) => client.instances.log({ instanceId, lines: 60 }));
      return lines.map(({ text }) => text.slice(0, 200)).join('\n');
    },
    /** A new agent of the same home, as after an upgrade. */
    restart: async (): Promise<void> => {
      link.close();
      control('restart', name);
      link = await dial();
    },
    stop: (): void => {
      link.close();
      control('stop', name);
    },
  };
}
