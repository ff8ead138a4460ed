import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { visit } from '../fixtures/farm-calls.ts';
import type { Created } from '../fixtures/farm-cli.ts';
import { startTestFarm, type TestFarm } from '../fixtures/test-farm.ts';

/** The real TiddlyWiki answers a write before it has written it. Whatever stops it, nothing that it acknowledged may be lost. */
const tiddlers = 50;
const edited = 10;
const log = z.object({ lines: z.array(z.object({ atMs: z.number(), stream: z.string(), text: z.string() })) });
let farm: TestFarm;
let authority: string;
let wiki: Created;

beforeAll(async () => {
  farm = await startTestFarm({ servers: [{ name: 'Oak' }] });
  authority = await farm.authority();
  wiki = await farm.cli.create('anna', 'tiddlywiki');
});
afterAll(() => farm?.end());

function authorization(): string {
  const { userName = '', password = '' } = wiki.handOver;
  return `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;
}

async function put(round: string, number: number, text: string): Promise<void> {
  const title = `${round}-${number}`;
  const { status, body } = await visit(new URL(`/recipes/default/tiddlers/${title}`, wiki.url).href, authority, {
    method: 'PUT',
    authorization: authorization(),
    headers: { 'x-requested-with': 'TiddlyWiki', 'content-type': 'application/json' },
    body: JSON.stringify({ title, text }),
  }).catch((error: unknown) => ({ status: 0, body: String(error) }));
  if (status !== 204) throw new Error(`${title} was answered ${status}: ${body}\n${farm.agent('Oak').log()}`);
}

/** Writes, some twice: TiddlyWiki saves the second version of a tiddler a second after the first. Acknowledged, all of them. */
async function write(round: string): Promise<void> {
  await Promise.all(Array.from({ length: tiddlers }, (_, number) => put(round, number, 'first')));
  await Promise.all(Array.from({ length: edited }, (_, number) => put(round, number, 'second')));
}

/** What the file of a tiddler says behind its head; empty where there is none. */
function textOf(title: string): string {
  const instances = join(farm.agent('Oak').home, 'instances');
  const folder = join(instances, readdirSync(instances).find((name) => !name.startsWith('.')) ?? '', 'wiki', 'tiddlers');
  const path = join(folder, `${title}.tid`);
  return existsSync(path) ? (readFileSync(path, 'utf8').split('\n').at(-1) ?? '') : '';
}

const lost = (round: string): string[] =>
  Array.from({ length: tiddlers }, (_, number) => number)
    .filter((number) => textOf(`${round}-${number}`) !== (number < edited ? 'second' : 'first'))
    .map((number) => `${round}-${number}`);

/** Every visit answered well, and how long the longest of them took. */
type Visits = { longestMs: number; count: number; readonly bad: string[] };
/** Comes again and again, each time once the one before was answered, until the end is called. */
function comeAgain(come: (number: number) => Promise<unknown>): { readonly end: () => Promise<Visits> } {
  const visits: Visits = { longestMs: 0, count: 0, bad: [] };
  let isOver = false;
  const going = (async () => {
    while (!isOver) {
      const beganMs = performance.now();
      await come(visits.count++).catch((error: unknown) => visits.bad.push(String(error)));
      visits.longestMs = Math.max(visits.longestMs, Math.round(performance.now() - beganMs));
      await new Promise((done) => setTimeout(done, 20));
    }
  })();
  return {
    end: async () => {
      isOver = true;
      await going;
      return visits;
    },
  };
}

it('a restart under writers and readers that never pause loses none, gives nobody an error, and holds readers for its end and start only', async () => {
  await write('busy');
  const writing = comeAgain((number) => put('on', number, 'first'));
  const reading = comeAgain(async () => {
    const { status } = await visit(new URL('/status', wiki.url).href, authority, { authorization: authorization() });
    if (status !== 200) throw new Error(`read ${status}`);
  });
  await farm.cli.json(z.unknown(), ['instances', 'restart', 'anna']);
  const [writes, reads] = await Promise.all([writing.end(), reading.end()]);
  process.stderr.write(
    `a restart under writers: the longest of ${writes.count} writes took ${writes.longestMs} ms, of ${reads.count} reads ${reads.longestMs} ms\n`,
  );
  expect([...writes.bad, ...reads.bad]).toEqual([]);
  // The end and the start of the application, as long as it takes on this machine, and not what it takes to come to rest before.
  const lines = (await farm.cli.json(log, ['instances', 'log', 'anna'])).lines.filter(({ stream }) => stream !== 'out');
  const atMsOf = (said: string): number => lines.findLast(({ text }) => text === said)?.atMs ?? Number.NaN;
  const restMs = Math.round(atMsOf('job.done restart') - atMsOf('stopped'));
  process.stderr.write(`between its end and the end of the job were ${restMs} ms\n`);
  expect(reads.longestMs).toBeLessThan(restMs + 500);
  await farm.cli.json(z.unknown(), ['instances', 'stop', 'anna']);
  const missing = [
    ...lost('busy'),
    ...Array.from({ length: writes.count }, (_, number) => `on-${number}`).filter((name) => textOf(name) !== 'first'),
  ];
  await farm.cli.json(z.unknown(), ['instances', 'start', 'anna']);
  expect(missing).toEqual([]);
});

it.each(['restart', 'stop', 'suspend'])('%s right after 50 acknowledged writes and 10 edits loses none', async (act) => {
  await write(act);
  await farm.cli.json(z.unknown(), ['instances', act, 'anna']);
  const missing = lost(act);
  if (act !== 'restart') await farm.cli.json(z.unknown(), ['instances', act === 'stop' ? 'start' : 'resume', 'anna']);
  expect(missing).toEqual([]);
});
