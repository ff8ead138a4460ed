import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { history } from '#contract/api/monitoring.ts';
import { visit } from '../fixtures/farm-calls.ts';
import { createFailureTable } from '../fixtures/failure-table.ts';
import { until } from '../fixtures/program.ts';
import { startTestFarm, type TestFarm } from '../fixtures/test-farm.ts';

/**
 * The core is away while an agent goes on measuring every five seconds: afterwards the charts have no hole there. `FARM_AWAY_SECONDS=300` makes it the
 * five minutes of the promise; by default it is shorter, because nothing in it depends on how long it is.
 */
const awaySeconds = Number(process.env['FARM_AWAY_SECONDS'] ?? 40);
const sampleMs = 5000;
const table = createFailureTable('6-away');
let test: TestFarm;

beforeAll(async () => {
  test = await startTestFarm({ servers: [{ name: 'oak' }] });
  await test.cli.create('anna', 'static-site');
});
afterAll(async () => {
  table.write();
  await test?.end();
});

it(
  `core away for ${awaySeconds} s: the chart's gap is filled from what the agent kept`,
  async () => {
    const { url, id } = await test.cli.instance('anna');
    const serverId = (await test.cli.server('oak')).id;
    const authority = await test.authority();
    await delay(2 * sampleMs);
    await test.program().stop();
    const fromMs = Date.now();
    await delay((awaySeconds * 1000) / 2);
    // Nobody is in charge, and visitors notice nothing.
    expect((await visit(url, authority)).status).toBe(200);
    await delay((awaySeconds * 1000) / 2);
    const untilMs = Date.now();
    await test.restart();
    const points = Math.max(10, Math.floor((untilMs - fromMs) / (2 * sampleMs)));
    const read = async (path: string) =>
      history.parse(await test.program().call('GET', `${path}/history?sinceMs=${fromMs}&untilMs=${untilMs}&points=${points}`));
    const missing = (found: Awaited<ReturnType<typeof read>>, metric: string): number => {
      const line = found.series.find((one) => one.metric === metric);
      expect(line, metric).toBeDefined();
      return line?.values.filter((value) => value === null).length ?? Number.POSITIVE_INFINITY;
    };
    // Bins are as wide as two samples where the time allows it; with the fewest bins that may be asked for, some hold none.
    const binMs = (untilMs - fromMs) / points;
    const allowed = binMs >= 2 * sampleMs ? 0 : Math.ceil(points * (1 - binMs / sampleMs)) + 1;
    await until(
      'the gap is filled',
      async () => (missing(await read(`/servers/${serverId}`), 'memory') <= Math.max(0, allowed) ? true : undefined),
      30_000,
    );
    const server = await read(`/servers/${serverId}`);
    const instance = await read(`/instances/${id}`);
    for (const metric of ['memory', 'cpu', 'disk']) expect(missing(server, metric)).toBeLessThanOrEqual(Math.max(0, allowed));
    expect(missing(instance, 'memory')).toBeLessThanOrEqual(Math.max(0, allowed));
    const said = `core away ${Math.round((untilMs - fromMs) / 1000)} s: ${points} points of ${Math.round(binMs / 1000)} s, ${missing(server, 'memory')} empty for the server, ${missing(instance, 'memory')} for the instance`;
    process.stdout.write(`${said}\n`);
    table.add({
      line: 'core away',
      done: 'the program was ended and started again; agent and instance went on',
      sentence: said,
      russian: '(без слов: график)',
      buttons: 'nothing to do',
    });
  },
  (awaySeconds + 120) * 1000,
);
