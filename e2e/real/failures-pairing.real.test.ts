import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { needPrograms } from '../fixtures/commands.ts';
import { createFailureTable, type Refused, refused } from '../fixtures/failure-table.ts';
import { farmCli } from '../fixtures/farm-cli.ts';
import { farm, type Program, startProgram, until } from '../fixtures/program.ts';
import type { RealAgent } from '../fixtures/real-agent.ts';
import { freePorts, localAgent, startTestFarm, stopAgent, type TestFarm } from '../fixtures/test-farm.ts';

/** Adding a server that goes wrong: nothing of it stays in the farm, and the agent goes on showing a code that works. */
const table = createFailureTable('2-pairing');
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const clockWrong = { FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1' };
let test: TestFarm;
let other: Program;

beforeAll(async () => {
  await needPrograms('faketime');
  test = await startTestFarm({ servers: [{ name: 'oak' }] });
  other = await startProgram({ home: join(test.folder, 'other') });
  await farmCli(other.home).json(z.unknown(), ['settings', 'start-farm', 'Other farm', '--farm-language', 'en']);
});
afterAll(async () => {
  table.write();
  await other?.stop();
  await test?.end();
});

async function freshAgent(name: string, wrap: readonly string[] = []): Promise<{ agent: RealAgent; address: string }> {
  const agent = localAgent(test.folder, {
    name,
    ports: await freePorts(3),
    ...(wrap.length === 0 ? {} : { wrap, environment: clockWrong }),
  });
  const { linkPort } = await agent.start();
  return { agent, address: `127.0.0.1:${linkPort}` };
}
const add = (address: string, code: string): string[] => ['servers', 'add', address, '--code', code, '--name', 'new'];

async function record(line: string, done: string, said: Refused, then: string): Promise<void> {
  const { servers } = await test.cli.json(z.object({ servers: z.array(z.unknown()) }), ['servers', 'list']);
  expect(servers).toHaveLength(1);
  table.add({ line, done, ...said, buttons: then });
}

/** The same key, another random half. */
function otherSecret(code: string, step: number): string {
  const last = code.at(-1) ?? '0';
  return `${code.slice(0, -1)}${alphabet[(alphabet.indexOf(last) + step) % alphabet.length]}`;
}

describe('a code that does not fit', () => {
  it('is no code; is another server’s; is mistyped', async () => {
    const one = await freshAgent('elm');
    const two = await freshAgent('fir');
    const noCode = await refused(test.home, add(one.address, 'hello'));
    expect(noCode.sentence).toMatch(/not a pairing code/);
    await record('pairing: no code at all', '`servers add … --code hello`', noCode, 'refused; the code on the server stays good');
    const swapped = await refused(test.home, add(one.address, await two.agent.code()));
    expect(swapped.sentence).toMatch(/not the one that showed this code/);
    await record(
      'pairing: code of another server',
      'the code of one agent, the address of another',
      swapped,
      'refused before anything was sent; the code stays good',
    );
    const mistyped = await refused(test.home, add(one.address, otherSecret(await one.agent.code(), 1)));
    expect(mistyped.sentence).toMatch(/code is not right/);
    await record('pairing: wrong code', 'the last letter mistyped', mistyped, 'refused; two of five tries are used, the code stays good');
    await test.cli.addServer('elm', one.address, await one.agent.code());
    await test.cli.json(z.unknown(), ['servers', 'remove', 'elm', '--yes']);
  });

  it('was typed wrong five times', async () => {
    const { agent, address } = await freshAgent('ash');
    const code = await agent.code();
    for (let step = 1; step <= 5; step += 1) expect((await farm(test.home, ...add(address, otherSecret(code, step)))).code).toBe(4);
    await until('a new code is shown', async () => ((await agent.code()) === code ? undefined : true), 10_000);
    const said = await refused(test.home, add(address, code));
    expect(said.sentence).toMatch(/typed wrong five times/);
    await record('pairing: five tries', 'five wrong ones, then the right one', said, 'refused; the agent shows a new code, which joins');
    await test.cli.addServer('ash', address, await agent.code());
    await test.cli.json(z.unknown(), ['servers', 'remove', 'ash', '--yes']);
  });

  it('is older than an hour', async () => {
    const [link, https, http] = await freePorts(3);
    const ports = [link, https, http].map(String);
    const young = localAgent(test.folder, { name: 'yew', ports });
    await young.start();
    const code = await young.code();
    await stopAgent(young);
    const old = localAgent(test.folder, { name: 'yew', ports, wrap: ['faketime', '-f', '+61m'], environment: clockWrong });
    await old.start();
    const said = await refused(test.home, add(`127.0.0.1:${link}`, code));
    expect(said.sentence).toMatch(/older than 60 minutes/);
    await record(
      'pairing: expired code',
      'the agent’s clock went on by 61 minutes (faketime), then the code was typed',
      said,
      'refused; the agent shows a new code',
    );
    expect(await old.code()).not.toBe(code);
    await stopAgent(old);
  });

  it('was used: by a farm that has the server, and by one that had it', async () => {
    const { agent, address } = await freshAgent('bay');
    const code = await agent.code();
    await farmCli(other.home).addServer('bay', address, code);
    const held = await refused(test.home, add(address, code));
    expect(held.sentence).toMatch(/belongs to the farm Other farm/);
    expect(held.sentence).toContain(address);
    await record(
      'pairing: agent already in another farm',
      'the used code of a server that another farm has',
      held,
      'refused; the server stays with the other farm',
    );
    await farmCli(other.home).json(z.unknown(), ['servers', 'remove', 'bay', '--yes']);
    await agent.code();
    const used = await refused(test.home, add(address, code));
    expect(used.sentence).toMatch(/was used already/);
    await record(
      'pairing: code used before',
      'the same code after the server had left the other farm',
      used,
      'refused; the agent shows a new code, which joins',
    );
    await test.cli.addServer('bay', address, await agent.code());
    const twice = await refused(test.home, add(address, code));
    expect(twice.sentence).toMatch(/already in the farm as bay/);
    await test.cli.json(z.unknown(), ['servers', 'remove', 'bay', '--yes']);
    await record('pairing: server already here', 'added once more', twice, 'refused');
  });
});

describe('a clock that is wrong', () => {
  it('at joining: says by how much, and joins nothing', async () => {
    const { agent, address } = await freshAgent('may', ['faketime', '-f', '+7m']);
    const said = await refused(test.home, add(address, await agent.code()));
    expect(said.sentence).toMatch(/^The clock of 127\.0\.0\.1 is 4\d\d s away/);
    await record('clock off by minutes, at joining', 'the agent runs 7 minutes ahead (faketime)', said, 'refused; the code stays good');
    await stopAgent(agent);
  });

  it('later: the server says clock, not offline', async () => {
    const [link, https, http] = await freePorts(3);
    const ports = [link, https, http].map(String);
    const right = localAgent(test.folder, { name: 'gum', ports });
    await right.start();
    await test.cli.addServer('gum', `127.0.0.1:${link}`, await right.code());
    await stopAgent(right);
    const wrong = localAgent(test.folder, { name: 'gum', ports, wrap: ['faketime', '-f', '-9m'], environment: clockWrong });
    await wrong.start();
    await until('the clock is named', async () => ((await test.cli.server('gum')).condition.code === 'clock' ? true : undefined), 40_000);
    const [english, russian] = [
      await farm(test.home, 'servers', 'check', 'gum', '--language', 'en'),
      await farm(test.home, 'servers', 'check', 'gum', '--language', 'ru'),
    ];
    const last = (text: string): string => text.trim().split('\n').at(-1) ?? '';
    expect(last(english.out)).toMatch(/^The clock of gum is 5\d\d s away/);
    await stopAgent(wrong);
    await right.start();
    await until('it is ready again', async () => ((await test.cli.server('gum')).condition.code === 'ready' ? true : undefined), 40_000);
    await test.cli.json(z.unknown(), ['servers', 'remove', 'gum', '--yes']);
    await record(
      'clock off by minutes, later',
      'a joined agent comes back 9 minutes behind (faketime); `servers check gum`',
      { sentence: last(english.out), russian: last(russian.out), code: 1 },
      'ready again by itself once its clock is right',
    );
  });
});

describe('an address where nothing is', () => {
  const code = '0000-0000-0000-0000-0000-0000';
  it.each([
    {
      what: 'nothing listens',
      address: async () => `127.0.0.1:${(await freePorts(1))[0]}`,
      english: /no agent listens at 127\.0\.0\.1:\d+\./,
    },
    {
      what: 'unknown name',
      address: async () => 'no-such-server.invalid',
      english: /The name in no-such-server\.invalid:7443 is not known/,
    },
    {
      what: 'another program listens',
      address: async () => new URL(test.program().link.origin).host,
      english: /is not the agent of 127\.0\.0\.1\. Nothing was sent/,
    },
  ])('$what', async ({ what, address, english }) => {
    const said = await refused(test.home, add(await address(), code), 1);
    expect(said.sentence).toMatch(english);
    await record(`pairing: ${what}`, '`servers add` with that address', said, 'nothing was made; type the address again');
  });
});
