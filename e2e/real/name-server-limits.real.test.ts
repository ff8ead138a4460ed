import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { must, needPrograms } from '../fixtures/commands.ts';
import { createNetLab, type NetLab } from '../fixtures/net-lab.ts';
import { root } from '../fixtures/program.ts';
import { createRunFolder } from '../fixtures/run-folder.ts';

/** The built-in name server on a machine of its own, asked by another: what a stranger can make it send. */
const source = (path: string): string => `file://${join(root, 'src-main', 'drivers', 'dns', 'builtin', path)}`;
let runFolder: ReturnType<typeof createRunFolder>;
let lab: NetLab;
let server: ReturnType<typeof spawn>;
let ports: readonly number[];

beforeAll(async () => {
  await needPrograms('ip', 'dig');
  runFolder = createRunFolder('farm-limits');
  lab = await createNetLab(['server', 'asker']);
  const core = join(runFolder.path, 'core.mjs');
  writeFileSync(
    core,
    `import { createBuiltinDriver } from '${source('index.ts')}';
    import { ownProcess } from '${source('fixtures/own-process.ts')}';
    import { put } from '${source('fixtures/plans.ts')}';
    const ports = [];
    for (const address of ['${lab.addressOf('server')}', '127.0.0.1']) {
      const { openServer, records } = ownProcess({ bundlePath: '${join(root, 'dist', 'name-server', 'name-server.cjs')}' });
      const zoneStorage = { load: async () => [], save: async () => undefined };
      const driver = await createBuiltinDriver({ address, port: 0 }, { openServer, timeoutMs: 10000, zoneStorage });
      await driver.createZone('farm.example', []);
      await put(driver, 'anna.farm.example', '192.0.2.1');
      ports.push(records[0].fields.port);
    }
    console.log(JSON.stringify(ports));`,
  );
  const [program = '', ...words] = [...lab.wrap('server'), process.execPath, core];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  server = child;
  const [line] = await once(child.stdout, 'data');
  ports = z.array(z.number()).parse(JSON.parse(String(line)));
}, 60_000);
afterAll(async () => {
  server.kill('SIGKILL');
  await lab.remove();
  runFolder.remove();
});

/** Asks the same again and again for two seconds; so many whole answers came, and so many that say *ask by TCP*. */
async function flood(from: string, address: string, port: number): Promise<{ asked: number; whole: number; cut: number; seconds: number }> {
  const script = join(runFolder.path, `flood-${from}.mjs`);
  writeFileSync(
    script,
    `import { createSocket } from 'node:dgram';
    const name = Buffer.concat(['anna', 'farm', 'example', ''].map((label) => Buffer.from([label.length, ...Buffer.from(label)])));
    const question = Buffer.concat([Buffer.from([0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Buffer.from([0, 1, 0, 1])]);
    const [socket, startedMs] = [createSocket('udp4'), performance.now()];
    let [asked, whole, cut] = [0, 0, 0];
    socket.on('message', (answer) => (answer[2] & 2 ? (cut += 1) : answer[7] === 1 ? (whole += 1) : undefined));
    const ask = () => {
      asked += 1;
      socket.send(question, ${port}, '${address}');
      if (performance.now() - startedMs < 2000) setTimeout(ask, 1);
      else setTimeout(() => { console.log(JSON.stringify({ asked, whole, cut, seconds: (performance.now() - startedMs) / 1000 })); process.exit(); }, 300);
    };
    ask();`,
  );
  const [program = '', ...words] = [...lab.wrap(from), process.execPath, script];
  const counts = z.object({ asked: z.number(), whole: z.number(), cut: z.number(), seconds: z.number() });
  return counts.parse(JSON.parse(await must(program, ...words)));
}

it('a machine that asks the same again and again gets twenty answers a second, and by TCP all it asks', async () => {
  const [port = 0] = ports;
  const got = await flood('asker', lab.addressOf('server'), port);
  process.stdout.write(`from another machine: ${JSON.stringify(got)}\n`);
  expect(got.asked).toBeGreaterThan(200);
  expect(got.whole).toBeGreaterThan(0);
  expect(got.whole).toBeLessThanOrEqual(20 * Math.ceil(got.seconds + 1));
  expect(got.cut).toBeGreaterThan(0);
  expect(got.cut).toBeLessThanOrEqual((got.asked - got.whole) / 2 + 1);
  const [program = '', ...words] = lab.wrap('asker');
  const dig = ['dig', `@${lab.addressOf('server')}`, '-p', String(port), '+tcp', '+short', 'anna.farm.example', 'A'];
  for (let time = 0; time < 25; time += 1) expect((await must(program, ...words, ...dig)).trim()).toBe('192.0.2.1');
}, 60_000);

it('this computer gets all it asks', async () => {
  const [, port = 0] = ports;
  const got = await flood('server', '127.0.0.1', port);
  process.stdout.write(`from the same machine: ${JSON.stringify(got)}\n`);
  expect(got.whole).toBeGreaterThan(200);
  expect([got.whole, got.cut]).toEqual([got.asked, 0]);
}, 60_000);
