import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { placePackage, testManifest, testSpec } from '../testing/applications.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('NOT TESTED: a port thief of another user. Only root can start one.\n');

let home: Awaited<ReturnType<typeof temporaryHome>>;
let life: Awaited<ReturnType<typeof openSupervision>>;
const ends: (() => void)[] = [];

beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  for (const { instanceId } of life.supervisor.list()) await life.supervisor.remove(instanceId);
  life.supervisor.close();
  await home.remove();
  expect(life.log.bugs).toEqual([]);
});

/** Takes a port as soon as it can, answers everybody, and tells every byte that it was sent. */
const thiefScript = `
const { createServer } = require('node:http');
const server = createServer((request, response) => { console.log(JSON.stringify([request.url, request.headers])); response.end('{"ok":true}'); });
const take = () => server.listen(Number(process.env.PORT), '127.0.0.1');
server.on('error', () => setTimeout(take, 5));
server.on('listening', () => console.log('listening'));
server.on('connection', (socket) => socket.on('data', () => console.log('bytes')));
take();
`;

async function startThief(port: number, userId: number | undefined) {
  let told = '';
  const child = spawn(process.execPath, ['-e', thiefScript], {
    cwd: '/',
    env: { PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(userId === undefined ? {} : { uid: userId, gid: userId }),
  });
  child.stdout.on('data', (piece: Buffer) => (told += piece.toString()));
  ends.push(() => child.kill('SIGKILL'));
  await eventually(
    () => told,
    (text) => text.includes('listening'),
  );
  return { told: () => told, end: () => child.kill('SIGKILL') };
}

const signedIn = testManifest({
  health: {
    ...testManifest().health,
    signIn: { userName: 'mode', password: 'password' },
  },
});

const cases = [
  // Between the agent's look and the application's listen, by an instance's own kind of user; and where all instances share the agent's.
  { name: 'with users of their own', thief: 71_234, isShared: false },
  { name: 'without users of their own', thief: undefined, isShared: true },
];

describe.each(cases)('a thief of the port, $name', ({ thief: userId, isShared }) => {
  // Only root may begin processes of other users: said aloud, and the other case runs everywhere.
  const testHere = isRoot || isShared ? test : test.skip;
  if (!isRoot && !isShared) process.stderr.write('Skipped: instances with users of their own, because this runs without root.\n');

  testHere('never gets the password nor a visitor, and the victim comes up on another port', async () => {
    life = await openSupervision(home.folders, isShared ? { isolation: () => ({ state: 'shared', reason: 'notRoot' }) } : {});
    const { supervisor, packages, ports, logs } = life;
    const created = await supervisor.create(testSpec('anna', 'slow', await placePackage(home.folders, packages, signedIn)));
    const starting = supervisor.start('anna');
    await eventually(
      () => supervisor.describe('anna'),
      ({ process: { state } }) => state === 'starting',
    );
    const thief = await startThief(created.port, userId);
    const started = await starting;
    expect(started).toMatchObject({ health: 'healthy', process: { state: 'running' } });
    expect(started.port).not.toBe(created.port);
    expect(thief.told()).toBe('listening\n');
    expect(ports).not.toContainEqual(['running', created.port]);
    expect(ports.at(-1)).toEqual(['running', started.port]);
    const lines = (await logs.tail('anna', 50)).map(({ text }) => text);
    expect(lines.some((text) => text.startsWith(`port-lost port=${created.port} owner=`))).toBe(true);
    expect(lines).toContain(`port-moved port=${created.port} to=${started.port}`);
    expect((await (await fetch(`http://127.0.0.1:${started.port}/who`)).json()) as object).toHaveProperty('pid');
  });

  testHere('that has it already when the application is to start keeps it, and nobody is kept down', async () => {
    life = await openSupervision(home.folders, isShared ? { isolation: () => ({ state: 'shared', reason: 'notRoot' }) } : {});
    const { supervisor, packages } = life;
    const created = await supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, packages, signedIn)));
    await supervisor.start('anna');
    await supervisor.stop('anna');
    const thief = await startThief(created.port, userId);
    const again = await supervisor.start('anna');
    expect(again.port).not.toBe(created.port);
    expect(thief.told()).toBe('listening\n');
    // What it has now it keeps: the old one is not taken back.
    thief.end();
    expect((await supervisor.restart('anna')).port).toBe(again.port);
  });
});

test('a file that holds the port is written anew with another port; a set-up step that was told it makes the port stay, and be named', async () => {
  life = await openSupervision(home.folders);
  const { supervisor, packages } = life;
  const file = { format: 'json', path: 'port.json', value: { port: { from: 'port' } } } as const;
  const ids = await placePackage(home.folders, packages, testManifest({ files: [file] }));
  const created = await supervisor.create(testSpec('anna', 'healthy', ids));
  const squatter = createServer().listen(created.port, '127.0.0.1');
  ends.push(() => squatter.close());
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port, folder } = await supervisor.start('anna');
  expect(port).not.toBe(created.port);
  expect(JSON.parse(await readFile(`${folder}/port.json`, 'utf8'))).toEqual({ port });

  const [init] = testManifest().setup;
  if (init === undefined) throw new Error('no set-up step');
  const told = { ...init, command: [...init.command, { from: 'port' as const }] };
  const fixed = await placePackage(home.folders, packages, testManifest({ setup: [told] }));
  const bob = await supervisor.create(testSpec('bob', 'healthy', fixed));
  const other = createServer().listen(bob.port, '127.0.0.1');
  ends.push(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  await expect(supervisor.start('bob')).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    parameters: { port: bob.port, owner: expect.stringContaining('node') },
  });
});
