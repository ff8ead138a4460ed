import { afterAll, beforeAll, expect, it } from 'vitest';
import { referenceAnswer } from '#contract/api/monitoring.ts';
import { visit } from '../fixtures/farm-calls.ts';
import { farm, until } from '../fixtures/program.ts';
import { startTestFarm, stopAgent, type TestFarm } from '../fixtures/test-farm.ts';

/** What a customer reads from a page, on the telephone, leads support staff to instance, minute, cause and log line, on whichever server it is. */
let test: TestFarm;
let authority = '';
beforeAll(async () => {
  test = await startTestFarm({ servers: [{ name: 'oak' }, { name: 'pine' }] });
  authority = await test.authority();
  await test.cli.create('anna', 'static-site');
});
afterAll(() => test?.end());

const find = (reference: string, code = 0) => test.cli.json(referenceAnswer, ['find', reference], code);
const suspendedPage = async (): Promise<string> => {
  const { url } = await test.cli.instance('anna');
  const { status, body } = await visit(url, authority);
  expect(status).toBe(503);
  return /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/.exec(body)?.[0] ?? 'none';
};

it('is found by its reference, after its agent was another one and while another server is away', async () => {
  expect((await farm(test.home, 'instances', 'suspend', 'anna')).code).toBe(0);
  const reference = await suspendedPage();
  const { server, id } = await test.cli.instance('anna');
  const found = {
    source: 'page',
    server: { name: server?.name },
    instance: { id, name: 'anna' },
    page: { kind: 'suspended', status: 503, host: 'anna.farm.localhost' },
    log: { name: 'edge.log', line: expect.stringContaining(`"reference":"${reference}"`) },
  };
  expect(await find(reference.toLowerCase())).toMatchObject({ found: [found], unasked: [] });
  const said = await farm(test.home, 'find', reference, '--language', 'ru');
  expect(said.out).toMatch(/«Приостановлено»[\s\S]*anna[\s\S]*edge\.log: \{/);

  const standing = test.agent(server?.name ?? '');
  await stopAgent(standing, 'SIGKILL');
  await standing.start();
  const other = server?.name === 'oak' ? 'pine' : 'oak';
  await stopAgent(test.agent(other));
  const answer = await until(
    'its agent answers, and the other is told as away',
    async () => {
      const asked = await find(reference);
      return asked.found.length > 0 && asked.unasked.length > 0 ? asked : undefined;
    },
    40_000,
  );
  expect(answer).toMatchObject({ found: [found], unasked: [{ server: { name: other }, failure: { code: 'SERVER_UNREACHABLE' } }] });
  expect(await find('4F7K-2MQX', 3)).toMatchObject({ found: [] });
  const none = await farm(test.home, 'find', '../../core.log');
  expect([none.code, none.error]).toEqual([4, expect.stringContaining('This is no reference.')]);
}, 120_000);
