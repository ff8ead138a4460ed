import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createInstance, findInstance, instances, servers, settled, visit } from '../fixtures/farm-calls.ts';
import { continueJob, createFailureTable, stopped, stoppedJob, undoJob } from '../fixtures/failure-table.ts';
import { farm } from '../fixtures/program.ts';
import { startTestFarm, type TestFarm } from '../fixtures/test-farm.ts';

/**
 * Three real agents with small made-up capacities. A plan S of static-site promises 128 MiB: `oak` has room for two of it and `elm` and `fir` for
 * more; what is really used does not matter beside what was reserved.
 */
const table = createFailureTable('8-placement');
const mebibyte = 1024 ** 2;
const capacity = (memoryMebibytes: number): string => `memoryBytes=${memoryMebibytes * mebibyte},cpuMillicores=4000,diskBytes=64424509440`;
const note = (...words: readonly string[]): void => void process.stdout.write(`${words.join(' ')}\n`);
let test: TestFarm;

beforeAll(async () => {
  test = await startTestFarm({
    servers: [
      { name: 'oak', simulate: capacity(4096) },
      { name: 'elm', simulate: capacity(2048) },
      { name: 'fir', simulate: capacity(2048) },
    ],
  });
});
afterAll(async () => {
  table.write();
  await test?.end();
});

const serverOf = async (name: string): Promise<string> => (await test.cli.instance(name)).server?.name ?? '';
async function counts(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const one of await instances(test.program())) found.set(one.server?.name ?? '', (found.get(one.server?.name ?? '') ?? 0) + 1);
  return found;
}

describe('placement by reservation, with its sentences', () => {
  it('a reservation fills one server; the next create goes elsewhere, and its sentence changes', async () => {
    const first = await test.cli.create('anna', 'static-site', '--plan', 'L');
    expect(await serverOf('anna')).toBe('oak');
    expect(first.placement[0]).toMatch(/^oak: Best/);
    // Almost nothing of it is used: some seven L of 512 MiB promise oak's 4 GiB away.
    let isFull = false;
    for (let number = 1; !isFull && number <= 8; number += 1) {
      const words = ['instances', 'create', '--name', `big${number}`, '--package', 'static-site', '--plan', 'L', '--server', 'oak'];
      const said = await farm(test.home, ...words);
      isFull = said.code !== 0;
      if (isFull) await undoJob(test.home, (await stoppedJob(test.home, said.out)).jobId);
    }
    expect(isFull).toBe(true);
    const next = await test.cli.create('next', 'static-site', '--plan', 'L');
    expect(next.instance.server?.name).not.toBe('oak');
    const said = (sentences: readonly string[]): string => sentences.find((one) => one.startsWith('oak:')) ?? '';
    note(`first: ${first.placement.join(' | ')}`);
    note(`next: ${next.placement.join(' | ')}`);
    expect(said(next.placement)).not.toBe(said(first.placement));
    expect(said(next.placement)).toMatch(/^oak: No: 512\sMB of memory do not fit, \d+\sMB are left after what is promised\.$/);
    const russian = await farm(test.home, 'jobs', 'show', next.job.id, '--language', 'ru');
    const inRussian = (name: string): string => russian.out.split('\n').find((line) => line.startsWith(`${name}:`)) ?? '';
    table.add({
      line: 'placement: first',
      done: '`instances create --name anna --plan L` on three empty servers',
      sentence: first.placement.join(' / '),
      russian: '(те же слова, что ниже)',
      buttons: `went to ${first.instance.server?.name}`,
    });
    table.add({
      line: 'placement: one is full',
      done: 'reservations filled oak, then `instances create --name next --plan L`',
      sentence: next.placement.join(' / '),
      russian: ['oak', 'elm', 'fir'].map(inRussian).join(' / '),
      buttons: `went to ${next.instance.server?.name}`,
    });
  });

  it('a full server that a person chooses is refused in words; another one is taken', async () => {
    const refusedJob = await stopped(test.home, [
      'instances',
      'create',
      '--name',
      'wish',
      '--package',
      'static-site',
      '--plan',
      'L',
      '--server',
      'oak',
    ]);
    expect(refusedJob.sentence).toMatch(/^oak has not enough memory left for it\. Choose another server\.$/);
    expect((await farm(test.home, 'jobs', 'undo', refusedJob.jobId)).code).toBe(0);
    table.add({
      line: 'placement: a full server was chosen',
      done: '`instances create … --server oak`',
      sentence: refusedJob.sentence,
      russian: refusedJob.russian,
      buttons: `${refusedJob.buttons}; undone, nothing left`,
    });
    const proposal = (
      await test.cli.json(z.object({ candidates: z.array(z.object({ serverName: z.string(), verdict: z.string() })) }), [
        'placement',
        'propose',
        '--package',
        'static-site',
      ])
    ).candidates;
    const other = proposal.find(({ verdict }) => verdict === 'good' || verdict === 'fits')?.serverName ?? '';
    expect(other).not.toBe('');
    const made = await test.cli.create('wish', 'static-site', '--server', other);
    expect(made.instance.server?.name).toBe(other);
    note(`override: proposed ${proposal[0]?.serverName}, chosen ${other}`);
  });

  it('a drained server gets none, and a person who chooses it is told', async () => {
    await test.cli.json(z.unknown(), ['servers', 'drain', 'elm']);
    for (const name of ['dora', 'emil']) expect((await test.cli.create(name, 'static-site')).instance.server?.name).not.toBe('elm');
    const said = await stopped(test.home, ['instances', 'create', '--name', 'gerd', '--package', 'static-site', '--server', 'elm']);
    expect(said.sentence).toBe('elm is being emptied. Choose another server.');
    await test.cli.json(z.unknown(), ['servers', 'undrain', 'elm']);
    await continueJob(test.home, said.jobId);
    expect(await serverOf('gerd')).toBe('elm');
    table.add({
      line: 'placement: a drained server was chosen',
      done: '`servers drain elm`, then `instances create … --server elm`',
      ...said,
      buttons: `${said.buttons}; after \`servers undrain elm\` continued to its end`,
    });
  });

  it('ten creates at once all succeed and do not land on one server', async () => {
    const before = await counts();
    const ids = (await servers(test.program())).length;
    expect(ids).toBe(3);
    const names = Array.from({ length: 10 }, (_, index) => `ten${index}`);
    const jobs = await Promise.all(names.map((name) => createInstance(test.program(), name)));
    const ends = await Promise.all(jobs.map(({ id }) => settled(test.program(), id, 120_000)));
    expect(ends.map(({ state }) => state)).toEqual(names.map(() => 'done'));
    const after = await counts();
    const grown = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const).filter(([, count]) => count > 0);
    note(`ten at once: ${grown.map(([name, count]) => `${name} ${count}`).join(', ')}`);
    expect(grown.length).toBeGreaterThan(1);
    const authority = await test.authority();
    for (const name of names) expect((await visit((await findInstance(test.program(), name)).url, authority)).status).toBe(200);
    table.add({
      line: 'placement: ten at once',
      done: 'ten `POST /instances` at the same moment',
      sentence: `all ten done and answering 200: ${grown.map(([name, count]) => `${count} on ${name}`).join(', ')}`,
      russian: '(без слов)',
      buttons: 'not one server',
    });
  }, 240_000);

  it('when nothing fits anywhere, it says what to do', async () => {
    for (let number = 0; number < 12; number += 1) {
      const said = await farm(test.home, 'instances', 'create', '--name', `fill${number}`, '--package', 'static-site', '--plan', 'L');
      if (said.code === 0) continue;
      const full = await stopped(test.home, ['instances', 'create', '--name', 'toomuch', '--package', 'static-site', '--plan', 'L']);
      expect(full.sentence).toMatch(/^None of the 3 servers has room for plan L\. Add a server or free one\.$/);
      table.add({
        line: 'placement: no server has room',
        done: 'plan L until nothing is left, then one more',
        ...full,
        buttons: full.buttons,
      });
      return;
    }
    expect.fail('everything had room');
  }, 240_000);
});
