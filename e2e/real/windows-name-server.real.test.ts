import { spawn } from 'node:child_process';
import { copyFileSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { needPrograms } from '../fixtures/commands.ts';
import { root, until } from '../fixtures/program.ts';
import { createWine, type Wine } from '../fixtures/wine.ts';

/** The process of the built-in name server by the real node.exe: Windows passes no UDP sockets, so it opens its own, as the core's user. */
const source = (path: string): string => `file:///Z:${join(root, 'src-main', 'drivers', 'dns', 'builtin', path)}`;
let wine: Wine;

beforeAll(async () => {
  await needPrograms('wine', 'wineboot', 'wineserver', 'tar');
  wine = await createWine();
  copyFileSync(join(root, 'dist', 'name-server', 'name-server.cjs'), join(wine.drive, 'name-server.cjs'));
}, 240_000);
afterAll(() => wine.remove());

/** Whether something of this computer has the UDP port of 127.0.0.1 (proc(5), /proc/net/udp). */
const isTaken = (port: number): boolean =>
  readFileSync('/proc/net/udp', 'utf8').includes(`0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`);

it('answers, is started again on its port when it ends, and ends with the core', async () => {
  writeFileSync(
    join(wine.drive, 'core.mjs'),
    `import { createBuiltinDriver } from '${source('index.ts')}';
    import { ownProcess } from '${source('fixtures/own-process.ts')}';
    import { ask, put } from '${source('fixtures/plans.ts')}';
    import { chooseDesktop } from '${source('../../../shells/choose-desktop.ts')}';
    const { canPassSockets } = chooseDesktop();
    const { openServer, records } = ownProcess({ canPassSockets, bundlePath: 'C:\\\\name-server.cjs' });
    let kept = [];
    const zoneStorage = { load: async () => kept, save: async (zones) => { kept = zones; } };
    const driver = await createBuiltinDriver({ address: '127.0.0.1', port: 0 }, { openServer, timeoutMs: 30000, zoneStorage });
    await driver.createZone('farm.example', []);
    await put(driver, 'anna.farm.example', '192.0.2.1');
    const served = () => records.filter(({ event }) => event === 'name-server.serving').map(({ fields }) => fields);
    const { port, processId, isBound, userId } = served()[0];
    const before = await ask(port, 'anna.farm.example');
    process.kill(processId, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await put(driver, 'bert.farm.example', '192.0.2.2');
    const after = [...(await ask(port, 'anna.farm.example')), ...(await ask(port, 'bert.farm.example'))];
    console.log(JSON.stringify({ canPassSockets, isBound, userId, before, after, ports: served().map((one) => one.port) }));`,
  );
  const output = join(wine.drive, 'core.txt');
  const file = openSync(output, 'w');
  const [program = '', ...words] = ['wine', wine.node, 'C:\\core.mjs'];
  const child = spawn(program, words, {
    stdio: ['ignore', file, file],
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', ...wine.environment },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const said = (): string => readFileSync(output, 'utf8');
  const line = await until(
    'the name server was tried',
    () => (child.exitCode !== null || said().includes('\n') ? said() : undefined),
    120_000,
  );
  const found: { readonly ports: readonly number[] } = JSON.parse(line);
  const [port = 0] = found.ports;
  expect(found).toEqual({
    canPassSockets: false,
    isBound: false,
    userId: 'ours',
    before: ['192.0.2.1'],
    after: ['192.0.2.1', '192.0.2.2'],
    ports: [port, port],
  });
  expect(isTaken(port)).toBe(true);
  child.kill('SIGKILL');
  await ended;
  await until('its port is free', () => (isTaken(port) ? undefined : true), 30_000);
}, 240_000);
