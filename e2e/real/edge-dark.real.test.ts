import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { alert } from '#contract/api/monitoring.ts';
import { siteAuthority, servers, visit } from '../fixtures/farm-calls.ts';
import { demoReady, farm, startProgram, until } from '../fixtures/program.ts';
import { processesOf } from '../fixtures/sweep.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { freePorts, holdPort, openFolder, startTestFarm, stopAgent, type TestFarm } from '../fixtures/test-farm.ts';

/** What visitors meet at a server's edge, said by desk and command line: a real edge that hangs, dies, and loses its port. */
let test: TestFarm;
let url = '';
let authority = '';

beforeAll(async () => {
  test = await startTestFarm({ servers: [{ name: 'oak', ports: await freePorts(3) }] });
  ({ url } = await test.cli.create('anna', 'static-site'));
  authority = await test.authority();
});
afterAll(() => test?.end());

const aProcess = z.object({ processId: z.number() });
const running = aProcess.extend({ httpsPort: z.number(), httpPort: z.number(), workers: z.array(aProcess) });
const edgeNow = () => running.parse(JSON.parse(readFileSync(join(test.agent('oak').home, 'edge', 'running.json'), 'utf8')));
const alerts = async () => z.object({ alerts: z.array(alert) }).parse(JSON.parse((await farm(test.home, 'status', '--json')).out)).alerts;
const secondsSince = (ms: number): number => Math.round((Date.now() - ms) / 100) / 10;
const note = (text: string): void => void process.stderr.write(`${text}\n`);
const opens = async (): Promise<true | undefined> => {
  try {
    return (await visit(url, authority)).status === 200 ? true : undefined;
  } catch {
    return undefined;
  }
};
const codeOf = async (code: string): Promise<true | undefined> =>
  (await test.cli.server('oak')).condition.code === code ? true : undefined;
const wellAgain = async (): Promise<void> => {
  await until('the address opens', opens, 60_000);
  await until('all is well', async () => ((await alerts()).length === 0 ? codeOf('ready') : undefined), 30_000);
  expect((await test.cli.instance('anna')).condition).toMatchObject({ mark: 'good', code: 'running' });
};

describe('an edge', () => {
  it('that hangs is told and replaced by itself', async () => {
    const { processId, workers } = edgeNow();
    const startedMs = Date.now();
    for (const one of [{ processId }, ...workers]) process.kill(one.processId, 'SIGSTOP');
    await until('the address opens', opens, 60_000);
    note(`an edge that hangs: served again after ${secondsSince(startedMs)} s`);
    // It is replaced in the moment in which it is told: what remains of it stands in the agent's log.
    const log = readFileSync(join(test.agent('oak').home, 'logs', 'agent.log'), 'utf8');
    expect(log).toMatch(/"event":"edge-health","state":"silent".*"cause":"timeout"/);
    expect(log).toContain(`"event":"edge-replaced","processId":${processId}`);
    expect(existsSync(`/proc/${processId}`)).toBe(false);
    await wellAgain();
  });

  it('whose only worker hangs has another one by itself, and visitors wait meanwhile', async () => {
    const [worker] = edgeNow().workers;
    const startedMs = Date.now();
    process.kill(worker?.processId ?? 0, 'SIGSTOP');
    await until('the address opens', opens, 60_000);
    note(`a worker that hangs: served again after ${secondsSince(startedMs)} s`);
    expect(existsSync(`/proc/${worker?.processId}`)).toBe(false);
    expect(readFileSync(join(test.agent('oak').home, 'edge', 'edge.log'), 'utf8')).toContain('"event":"worker-silent"');
    await wellAgain();
  });

  it('that was killed and lost its port: desk and command line say who has it, its instance is not good, and it serves when it is free', async () => {
    const { processId, httpsPort } = edgeNow();
    process.kill(processId, 'SIGKILL');
    const startedMs = Date.now();
    const holder = await until('the port is taken', () => holdPort(httpsPort).catch(() => undefined), 5000);
    await until('it is told', () => codeOf('edge'), 60_000);
    note(`an edge killed with its port taken: told after ${secondsSince(startedMs)} s`);
    expect(await alerts()).toMatchObject([
      { code: 'server-edge', mark: 'bad', parameters: { server: 'oak', problem: 'portTaken', owner: 'node', port: httpsPort } },
    ]);
    expect((await test.cli.instance('anna')).condition).toMatchObject({ mark: 'bad', code: 'unreached' });
    const shown = await farm(test.home, 'servers', 'show', 'oak', '--language', 'en');
    expect(shown.out).toContain(`The program node on oak has port ${httpsPort}, which the edge needs.`);
    const russian = await farm(test.home, 'servers', 'show', 'oak', '--language', 'ru');
    expect(russian.out).toContain(`Программа node на oak заняла порт ${httpsPort}`);
    await holder.end();
    const freedMs = Date.now();
    await wellAgain();
    note(`its port freed: all well after ${secondsSince(freedMs)} s`);
  });

  it('whose HTTP port is taken goes on serving, and says so', async () => {
    const { processId, httpPort } = edgeNow();
    process.kill(processId, 'SIGKILL');
    const holder = await until('the port is taken', () => holdPort(httpPort).catch(() => undefined), 5000);
    await until('the address opens', opens, 30_000);
    await until('it is told', () => codeOf('redirect'), 30_000);
    expect((await test.cli.instance('anna')).condition.code).toBe('running');
    await holder.end();
    await wellAgain();
  });

  it('of a silent agent: customers notice nothing while their addresses open, and do when the edge is dead as well', async () => {
    const agent = test.agent('oak');
    await stopAgent(agent, 'SIGKILL');
    const silent = async (): Promise<string> => {
      const { condition } = await test.cli.server('oak');
      return condition.code === 'agent' ? String(condition.parameters['edge']) : '';
    };
    await until('it is seen that the addresses open', async () => ((await silent()) === 'reached' ? true : undefined), 60_000);
    expect((await farm(test.home, 'servers', 'show', 'oak', '--language', 'en')).out).toContain('Customers do not notice');
    process.kill(edgeNow().processId, 'SIGKILL');
    const startedMs = Date.now();
    await until('it is seen that they do not', async () => ((await silent()) === 'dark' ? true : undefined), 120_000);
    note(`agent and edge both dead: said after ${secondsSince(startedMs)} s`);
    expect((await farm(test.home, 'servers', 'show', 'oak', '--language', 'en')).out).toContain('Customers do notice');
    await agent.start();
    await wellAgain();
  });
});

it('two demo farms that begin at the same moment both come up', async () => {
  const folder = openFolder('farm-two-demos-');
  try {
    const programs = await Promise.all(['one', 'two'].map((name) => startProgram({ home: join(folder, name), isDemo: true })));
    await Promise.all(programs.map(demoReady));
    const ports = (await Promise.all(programs.map(servers))).flat().flatMap(({ address, httpsPort, httpPort, condition }) => {
      expect(condition.code).toBe('ready');
      return [Number(address.split(':')[1]), httpsPort, httpPort];
    });
    expect(new Set(ports).size).toBe(18);
    for (const program of programs) {
      expect(await siteAuthority(program)).toContain('BEGIN CERTIFICATE');
      await program.stop();
    }
    expect(processesOf(folder).length).toBeGreaterThan(0);
  } finally {
    await endFolder(folder);
  }
}, 240_000);
