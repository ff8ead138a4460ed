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
let farm: TestFarm;
let authority: string;
let wiki: Created;

beforeAll(async () => {
  farm = await startTestFarm({ servers: [{ name: 'Oak' }] });
  authority = await farm.authority();
  wiki = await farm.cli.create('anna', 'tiddlywiki');
});
afterAll(() => farm?.end());

async function put(round: string, number: number, text: string): Promise<void> {
  const title = `${round}-${number}`;
  const { userName = '', password = '' } = wiki.handOver;
  const { status, body } = await visit(new URL(`/recipes/default/tiddlers/${title}`, wiki.url).href, authority, {
    method: 'PUT',
    authorization: `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`,
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

function lost(round: string): string[] {
  const instances = join(farm.agent('Oak').home, 'instances');
  const folder = join(instances, readdirSync(instances).find((name) => !name.startsWith('.')) ?? '', 'wiki', 'tiddlers');
  const missing: string[] = [];
  for (let number = 0; number < tiddlers; number++) {
    const path = join(folder, `${round}-${number}.tid`);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (!text.endsWith(number < edited ? 'second' : 'first')) missing.push(`${round}-${number}`);
  }
  return missing;
}

it.each(['restart', 'stop', 'suspend'])('%s right after 50 acknowledged writes and 10 edits loses none', async (act) => {
  await write(act);
  await farm.cli.json(z.unknown(), ['instances', act, 'anna']);
  const missing = lost(act);
  if (act !== 'restart') await farm.cli.json(z.unknown(), ['instances', act === 'stop' ? 'start' : 'resume', 'anna']);
  expect(missing).toEqual([]);
});
