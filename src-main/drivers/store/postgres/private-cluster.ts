import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type PrivateCluster = { readonly connectionString: string; readonly stop: () => Promise<void> };

/** Where Debian's `postgresql` puts `initdb` and `pg_ctl`, newest version first. */
async function binaries(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = (await readdir(root)).map(Number).filter((version) => version >= 15);
  const newest = versions.toSorted((left, right) => right - left)[0];
  if (newest === undefined) {
    throw new Error(`no PostgreSQL 15 or newer below ${root}: install the Debian package postgresql`);
  }
  return join(root, String(newest), 'bin');
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.on('error', reject).listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
  return await promise;
}

/** PostgreSQL refuses to run as root: then it runs as the user that its Debian package made. */
async function whoRuns(): Promise<{ readonly uid: number; readonly gid: number; readonly prefix: readonly string[] }> {
  const me = userInfo();
  if (me.uid !== 0) {
    return { uid: me.uid, gid: me.gid, prefix: [] };
  }
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout.trim())));
  if (uid === undefined || gid === undefined) {
    throw new Error('no user postgres: install the Debian package postgresql');
  }
  return { uid, gid, prefix: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'] };
}

/** A PostgreSQL of our own in a temporary folder, on a free loopback port. `stop` ends it and removes everything. */
export async function startPrivateCluster(): Promise<PrivateCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'farm-postgres-'));
  const data = join(folder, 'data');
  const bin = await binaries();
  const { uid, gid, prefix } = await whoRuns();
  await chmod(folder, 0o700);
  await chown(folder, uid, gid);
  const asOwner = async (...command: readonly [string, ...string[]]): Promise<void> => {
    const [program, ...rest] = [...prefix, ...command];
    await run(program ?? '', rest, { cwd: folder });
  };
  const port = await freePort();
  try {
    await asOwner(join(bin, 'initdb'), '-D', data, '-U', 'farm', '-A', 'trust', '-E', 'UTF8', '--no-sync');
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
    await asOwner(join(bin, 'pg_ctl'), '-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start');
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    connectionString: `postgresql://farm@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await asOwner(join(bin, 'pg_ctl'), '-D', data, '-w', '-m', 'fast', 'stop');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
