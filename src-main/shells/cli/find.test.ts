import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { runFarm } from '../../testing/run-farm.ts';

let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore({ servers: 3 });
  http = await serveTestCore(core);
});
afterAll(async () => {
  await http.close();
  await core.close();
});

const farm = (words: readonly string[]) => runFarm(words, core);

describe('farm find', () => {
  const page = { reference: '4F7K-2MQX', atMs: Date.UTC(2026, 10, 29, 10, 43), kind: 'broken', status: 503, host: 'anna.farm.test' };

  test('says page, time, host, server, cause and line of a reference, and what text from outside drives no terminal', async () => {
    const hostile = { ...page, cause: 'refused \u001b[2J', instanceId: 'i-1' };
    core.agents[1]?.references.set('4F7K-2MQX', { page: hostile, logged: { log: 'edge.log', atMs: 1, line: '{"event":"page"}' } });
    const { code, out, error } = await farm(['find', '4f7k', '--language', 'en']);
    expect([code, out]).toEqual([4, '']);
    expect(error).toContain('This is no reference.');
    const found = await farm(['find', '4f7k-2mqx']);
    expect(found.code).toBe(0);
    for (const said of [
      'Does not answer',
      '29 Nov 2026',
      'i-1 (not in the farm any more)',
      'Pine',
      'refused \\u001b[2J',
      'edge.log: {"event":"page"}',
    ])
      expect(found.out).toContain(said);
    expect(found.out).not.toContain('\u001b[2J');
    expect((await farm(['find', '4f7k-2mqx', '--json'])).json()).toMatchObject({ reference: '4F7K-2MQX', found: [{ source: 'page' }] });
  });

  test('says that nobody knows it with the exit code of what is not found, and who could not be asked', async () => {
    const none = await farm(['find', '4F7K-2MQZ']);
    expect([none.code, none.out]).toEqual([3, expect.stringContaining('Nobody knows the reference 4F7K-2MQZ.')]);
    core.agents[2]?.failNext(
      'servers.findReference',
      new FarmError('COMMAND_MISSING', { server: 'Larch', command: 'servers.findReference' }),
    );
    const away = await farm(['find', '4F7K-2MQZ', '--language', 'ru']);
    expect(away.out).toContain('Те, кого удалось спросить, номера обращения 4F7K-2MQZ не знают.');
    expect(away.out).toMatch(/Сервер Larch спросить не удалось, а он может знать: Агент сервера Larch старше этой программы/);
  });
});

describe('farm packages agree', () => {
  test('a package that asks for nothing has nothing to agree to', async () => {
    expect(await farm(['packages', 'agree', 'tiddlywiki'])).toMatchObject({
      code: 0,
      out: 'TiddlyWiki asks for nothing beside its own port.\n',
    });
    expect((await farm(['packages', 'agree', 'nothing'])).code).toBe(3);
  });
});
