import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '#contract/api/monitoring.ts';
import { alertCatalogue, alertCodes, alertTargetKinds } from '#contract/catalogue/alerts.ts';
import { FarmError } from '#contract/errors.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { type RanFarm, runFarm } from '../../testing/run-farm.ts';
import { commandOf } from './commands/alerts.ts';
import { commands } from './commands/index.ts';
import { parse } from './parse.ts';

let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore({ servers: 1 });
  http = await serveTestCore(core);
});
afterAll(async () => {
  await http.close();
  await core.close();
});

const farm = (...words: string[]): Promise<RanFarm> => runFarm(words, core);
type Told = Alert & { severity: string; title: string; about: { kind: string; name: string }; next: { says: string; command: string } };
const told = async (code: string): Promise<Told | undefined> =>
  ((await farm('alerts', '--json')).json() as { alerts: Told[] }).alerts.find((one) => one.code === code);

test('alerts says that nothing needs attention, then how bad it is, since when, what it concerns, and a next step that works', async () => {
  expect(await farm('alerts')).toMatchObject({ code: 0, error: '', out: 'Nothing needs attention.\n' });
  core.agents[0]?.failNext('instances.start', new FarmError('APPLICATION_DIED', { name: 'anna', exitCode: '1', lastLine: '\u001b[2J' }), 9);
  expect((await farm('instances', 'create', '--name', 'anna')).code).toBe(1);
  await expect.poll(() => told('job-stopped')).toBeDefined();
  const stopped = await told('job-stopped');
  expect(stopped).toMatchObject({ mark: 'bad', severity: 'bad', sinceMs: expect.any(Number), about: { kind: 'job', name: 'Create anna' } });
  expect((await farm('alerts')).out).toMatch(/\n {2}.*\\u001b\[2J/);
  const { says, command } = stopped?.next ?? expect.fail('no next step');
  expect([says, command]).toEqual(['Continue or undo', `farm jobs show ${stopped?.target.id}`]);
  expect((await farm(...command.split(' ').slice(1))).out).toContain(`farm jobs undo ${stopped?.target.id}`);
  expect((await farm('jobs', 'undo', stopped?.target.id ?? '')).code).toBe(0);

  core.links.shiftClock('oak.test:7443', 900_000);
  // its link is looked at anew
  core.links.cut('oak.test:7443', false);
  await expect.poll(() => told('server-clock')).toMatchObject({ severity: 'warning', about: { kind: 'server', name: 'Oak' } });
  const { out } = await farm('alerts');
  expect(out).toMatch(/^One thing needs attention\.\n▲ Warning {2}The clock of Oak is wrong\n {2}\S/);
  expect(out).toMatch(/\n {2}Concerns +server Oak\n {2}Since +\d.+ \(.+\)\n {2}Next step +See the cure: farm servers show Oak\n$/);
  const ru = await farm('alerts', '--language', 'ru');
  expect(ru.out).toMatch(/▲ Внимание {2}.*Oak/);
  expect(ru.out).toMatch(/Касается +сервер Oak\n {2}С какого времени +.+\n {2}Что дальше +.+: farm servers show Oak\n$/);
});

const id = '01a21200-0000-7000-8000-0000000000a1';
test.each(alertCodes)('the next step of %s is a command that there is, and no name gets into a shell by it', (code) => {
  for (const kind of alertTargetKinds)
    for (const name of ['Oak', '$(reboot)']) {
      const alert: Alert = { id, mark: alertCatalogue[code].severity[0], code, parameters: {}, sinceMs: 1, target: { kind, id } };
      const command = commandOf(alert, name);
      expect(parse(command.split(' ').slice(1), commands).kind).toBe('run');
      expect(command).not.toContain('$');
    }
});
