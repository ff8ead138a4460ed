import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const statusOf = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/status', agent: false }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode);
    }).on('error', () => resolve(undefined));
  });

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/**
 * What somebody without us does: TiddlyWiki's own `--init server`, then its start, until it answers 401 (it asks for the password) or 200.
 * Same Node and same payload as ours. Both in milliseconds.
 */
export async function startByHand(node: string, payload: string): Promise<{ readonly initMs: number; readonly startMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'farmstead-bench-hand-'));
  const script = join(payload, 'node_modules', 'tiddlywiki', 'tiddlywiki.js');
  const wiki = join(folder, 'wiki');
  const users = join(folder, 'users.csv');
  writeFileSync(users, 'username,password\nowner,by-hand-1234\n');
  const port = await freePort();
  const startedMs = performance.now();
  const init = spawn(node, [script, wiki, '--init', 'server'], { cwd: folder, stdio: 'ignore' });
  await ended(init);
  if (init.exitCode !== 0) throw new Error(`--init ended with ${init.exitCode}`);
  const initMs = performance.now() - startedMs;
  const access = ['readers=(authenticated)', 'writers=(authenticated)', 'admin=(authenticated)'];
  const listen = ['--listen', `port=${port}`, 'host=127.0.0.1', `credentials=${users}`, ...access];
  const wikiServer = spawn(node, [script, wiki, ...listen], { cwd: folder, stdio: 'ignore' });
  try {
    while (true) {
      const status = await statusOf(port);
      if (status === 401 || status === 200) return { initMs, startMs: performance.now() - startedMs - initMs };
      if (wikiServer.exitCode !== null) throw new Error(`TiddlyWiki ended with ${wikiServer.exitCode}`);
      await delay(5);
    }
  } finally {
    wikiServer.kill('SIGKILL');
    await ended(wikiServer);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
