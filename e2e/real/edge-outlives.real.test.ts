import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { createInstance, findInstance, settled, siteAuthority, visit } from '../fixtures/farm-calls.ts';
import { farmCli } from '../fixtures/farm-cli.ts';
import { type Program, startProgram, until } from '../fixtures/program.ts';
import { layProgram, type RealAgent, realAgent } from '../fixtures/real-agent.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { freePorts, openFolder, roomy } from '../fixtures/test-farm.ts';

/**
 * Instances outlive everything, and the edge does: a client that asks every 50 ms notices neither a killed agent, nor its return, nor an agent
 * that brings a new edge bundle along.
 */
const folder = openFolder('farm-outlives-');
const home = join(folder, 'home');
const agentHome = join(folder, 'agents', 'Oak');
let program: Program;
let agent: RealAgent;
let bundles: { readonly agent: string };

beforeAll(async () => {
  bundles = layProgram(join(folder, 'program'), process.execPath);
  const [link, https, http] = await freePorts(3);
  agent = realAgent({
    home: agentHome,
    command: [process.execPath, bundles.agent],
    listen: { link: `127.0.0.1:${link}`, https: `127.0.0.1:${https}`, http: `127.0.0.1:${http}` },
    simulate: roomy,
  });
  program = await startProgram({ home });
  const cli = farmCli(home);
  await cli.json(z.unknown(), ['settings', 'start-farm', 'Farm', '--farm-language', 'en']);
  await cli.json(z.unknown(), ['domains', 'add', 'farm.localhost', '--builtin']);
  const { linkPort } = await agent.start();
  await cli.addServer('Oak', `127.0.0.1:${linkPort}`, await agent.code());
  await cli.json(z.unknown(), ['servers', 'confirm', 'Oak', '--address', '127.0.0.1']);
});

afterAll(async () => {
  await program?.stop();
  await endFolder(folder);
});

type Asked = { readonly count: number; readonly wrong: string[] };

/** Asks a URL every 50 ms, each time over a connection of its own, until it is told to stop. */
function poll(url: string, authority: string): { readonly stop: () => Promise<Asked> } {
  const wrong: string[] = [];
  const open: Promise<void>[] = [];
  let isOver = false;
  const loop = (async () => {
    while (!isOver) {
      open.push(
        visit(url, authority).then(
          ({ status }) => void (status === 200 || wrong.push(String(status))),
          (error: unknown) => void wrong.push(String(error)),
        ),
      );
      await delay(50);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await loop;
      await Promise.all(open);
      return { count: open.length, wrong };
    },
  };
}

const running = z.object({ processId: z.number(), bundleSha256: z.string() });
const edgeNow = (): z.infer<typeof running> => running.parse(JSON.parse(readFileSync(join(agentHome, 'edge', 'running.json'), 'utf8')));
const record = z.object({ process: z.object({ processId: z.number() }) });
const instanceProcess = (id: string): number =>
  record.parse(JSON.parse(readFileSync(join(agentHome, 'state', 'instances', `${id}.json`), 'utf8'))).process.processId;
const isAlive = (processId: number): boolean => existsSync(`/proc/${processId}`);

it('loses no request while the agent dies, comes back, and brings a new edge', async () => {
  const authority = await siteAuthority(program);
  expect((await settled(program, (await createInstance(program, 'anna')).id)).state).toBe('done');
  const anna = await findInstance(program, 'anna');
  const polling = poll(anna.url, authority);
  await delay(500);

  const before = { edge: edgeNow(), instance: instanceProcess(anna.id), agent: agent.about().processId };
  process.kill(before.agent, 'SIGKILL');
  await until('the agent is gone', () => (isAlive(before.agent) ? undefined : true), 5000);
  await delay(2000);
  await agent.start();
  expect(edgeNow()).toEqual(before.edge);
  expect(instanceProcess(anna.id)).toBe(before.instance);
  expect(isAlive(before.instance)).toBe(true);

  // A comment makes another bundle of the same behaviour; the agent that is started with it hands the sockets over.
  appendFileSync(join(folder, 'program', 'edge.cjs'), '\n// another bundle\n');
  process.kill(agent.about().processId, 'SIGKILL');
  await agent.start();
  const after = await until(
    'the edge runs the new bundle',
    () => (edgeNow().bundleSha256 === before.edge.bundleSha256 ? undefined : edgeNow()),
    30_000,
  );
  expect(after.processId).not.toBe(before.edge.processId);
  expect(instanceProcess(anna.id)).toBe(before.instance);
  await delay(2000);

  const { count, wrong } = await polling.stop();
  process.stdout.write(`asked ${count} times through two kill -9 of the agent and one hand-over of the edge, ${wrong.length} lost\n`);
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(40);
  await until(
    'the core sees the server again',
    async () => ((await findInstance(program, 'anna')).condition.code === 'running' ? true : undefined),
    20_000,
  );
});
