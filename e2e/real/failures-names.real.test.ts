import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { requestKey } from '../fixtures/farm-calls.ts';
import { createFailureTable, refused } from '../fixtures/failure-table.ts';
import { CallError, farm } from '../fixtures/program.ts';
import { startTestFarm, type TestFarm } from '../fixtures/test-farm.ts';

/** Names that cannot be addresses: each is refused before there is a job, with a sentence and, where there is one, a name that would be free. */
const table = createFailureTable('1-names');
let test: TestFarm;

beforeAll(async () => {
  test = await startTestFarm({ servers: [{ name: 'oak' }] });
  await test.cli.create('anna', 'static-site');
});
afterAll(async () => {
  table.write();
  await test?.end();
});

const create = (name: string): string[] => ['instances', 'create', `--name=${name}`, '--package', 'static-site'];
const long = 'a'.repeat(64);

async function jobsCount(): Promise<number> {
  return (await test.cli.json(z.object({ jobs: z.array(z.unknown()) }), ['jobs', 'list'])).jobs.length;
}

describe('a name that cannot be an address', () => {
  it.each([
    { what: 'taken', name: 'anna', english: /^anna\.farm\.localhost is already in use .*\nThis one would be free: anna-2$/s },
    { what: 'reserved', name: 'www', english: /^The name www is kept for the farm itself/ },
    { what: 'too long', name: long, english: /is too long: an address takes at most 63 characters/ },
    {
      what: 'begins with a hyphen',
      name: '-anna',
      english: /has a hyphen where an address cannot have one.*\nThis one would be free: anna-2$/s,
    },
    {
      what: 'ends with a hyphen',
      name: 'bella-',
      english: /has a hyphen where an address cannot have one.*\nThis one would be free: bella$/s,
    },
    { what: 'two hyphens where an encoding is announced', name: 'ab--cd', english: /two after the second letter/ },
    { what: 'made-up punycode', name: 'xn--99999999999', english: /two after the second letter/ },
    { what: 'letters for which we have no Latin ones', name: '𒀀𒀀', english: /letters that we cannot turn into an address/ },
    { what: 'no letter at all', name: '!!!', english: /characters that an address cannot have/ },
    { what: 'nothing', name: ' ', english: /Give the instance a name/ },
  ])('$what: refused in words, and no job is made', async ({ what, name, english }) => {
    const before = await jobsCount();
    const said = await refused(test.home, create(name));
    expect(said.sentence).toMatch(english);
    expect(await jobsCount()).toBe(before);
    const shown = name === long ? `${'a'.repeat(8)}… (64)` : name;
    table.add({
      line: `name: ${what}`,
      done: `\`instances create --name '${shown}'\``,
      ...said,
      sentence: said.sentence.replace(long, shown),
      russian: said.russian.replace(long, shown),
      buttons: 'refused, exit code 4, no job',
    });
  });

  it('in another script gets its address, and the customer keeps the name as typed', async () => {
    const made = await farm(test.home, ...create('Вера'), '--language', 'en');
    expect([made.code, made.error]).toEqual([0, expect.stringContaining('Вера gets vera.')]);
    const instance = await test.cli.instance('vera');
    expect(instance).toMatchObject({ name: 'vera', customer: { name: 'Вера' } });
    const again = await refused(test.home, create('Вера'));
    expect(again.sentence).toMatch(/Вера gets vera\.\n.*vera\.farm\.localhost is already in use.*\nThis one would be free: vera-2$/s);
    table.add({
      line: 'name: IDN',
      done: "`instances create --name 'Вера'`, twice",
      ...again,
      buttons: 'the first made vera for the customer Вера; the second refused, exit code 4, no job',
    });
  });

  it.each([
    ['山田', 'shantian'],
    ['Γιώργος', 'giorgos'],
    ['გიორგი', 'giorgi'],
    ['홍길동', 'honggildong'],
    ['محمد', 'mhmd'],
  ])('%s would be %s there', async (name, label) => {
    const { code, out } = await farm(test.home, 'instances', 'check-name', name, '--language', 'en');
    expect([code, out]).toEqual([4, expect.stringContaining(`${name} would be ${label} there.\nThis one would be free: ${label}`)]);
  });

  it('is refused by the API with the proposal in reach', async () => {
    const body = { requestKey: requestKey(), name: 'Ольга', packageId: 'static-site' };
    const error = await test
      .program()
      .call('POST', '/instances', body)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({
      status: 422,
      answer: { code: 'NAME_INVALID', data: { name: 'Ольга', reason: 'script', proposal: 'olga' } },
    });
    const [english, russian] = [
      await farm(test.home, 'instances', 'check-name', 'Ольга', '--language', 'en'),
      await farm(test.home, 'instances', 'check-name', 'Ольга', '--language', 'ru'),
    ];
    expect(english.out).toMatch(/Ольга would be olga there\.\nThis one would be free: olga/);
    table.add({
      line: 'name: IDN over REST',
      done: 'POST /instances with the name Ольга, then `instances check-name Ольга`',
      sentence: english.out.trim(),
      russian: russian.out.trim(),
      buttons: '422 NAME_INVALID with `proposal: olga`, no job',
    });
  });
});
