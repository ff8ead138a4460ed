import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { referenceAnswer } from '#contract/api/monitoring.ts';
import { history } from '#contract/api/monitoring.ts';
import { siteAuthority, visit } from '../fixtures/farm-calls.ts';
import { farmCli } from '../fixtures/farm-cli.ts';
import { layPackage, packagesFolder } from '../fixtures/own-packages.ts';
import { type Program, root, startProgram, until } from '../fixtures/program.ts';
import { realAgent } from '../fixtures/real-agent.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { freePorts, openFolder, roomy } from '../fixtures/test-farm.ts';

/** Today's core over the agents of earlier days: a farm's servers are never all upgraded at the same moment. */
const kept = join(root, 'e2e', 'fixtures', 'agents');
const protocols = readdirSync(kept).filter((name) => name.startsWith('protocol-'));
const folder = openFolder('farm-old-agent-');
const home = join(folder, 'home');
const cli = farmCli(home);
let program: Program;

beforeAll(async () => {
  // With a field in its manifest that agents of protocol 1 do not know.
  const packages = packagesFolder(folder);
  layPackage(packages, 'with-password', { hasFirstPassword: true });
  program = await startProgram({ home, environment: { FARM_PACKAGES: packages } });
  await cli.json(z.unknown(), ['settings', 'start-farm', 'Farm', '--farm-language', 'en']);
  await cli.json(z.unknown(), ['domains', 'add', 'farm.localhost', '--builtin']);
});
afterAll(async () => {
  await program?.stop();
  await endFolder(folder);
});

it('keeps the agents of at least one protocol', () => {
  expect(protocols).toContain('protocol-1');
});

describe.each(protocols)('the agent of %s', (protocol) => {
  it('joins, takes instances, serves them, and gives them up again', async () => {
    const programFolder = join(folder, protocol);
    mkdirSync(programFolder, { recursive: true });
    for (const name of ['agent.cjs', 'edge.cjs'])
      writeFileSync(join(programFolder, name), gunzipSync(readFileSync(join(kept, protocol, `${name}.gz`))));
    const [link, https, http] = await freePorts(3);
    const agent = realAgent({
      home: join(folder, 'agents', protocol),
      command: [process.execPath, join(programFolder, 'agent.cjs')],
      listen: { link: `127.0.0.1:${link}`, https: `127.0.0.1:${https}`, http: `127.0.0.1:${http}` },
      simulate: roomy,
      more: [],
    });
    await agent.start();
    await cli.addServer(protocol, `127.0.0.1:${link}`, await agent.code());
    await cli.json(z.unknown(), ['servers', 'confirm', protocol, '--address', '127.0.0.1']);
    const { url } = await cli.create('anna', 'static-site', '--server', protocol);
    expect((await visit(url, await siteAuthority(program))).status).toBe(200);
    const second = await cli.create('berta', 'with-password', '--server', protocol);
    expect(second.handOver.password).toMatch(/./);
    expect((await visit(second.url, await siteAuthority(program))).status).toBe(200);
    // Its measurements come without names; the charts have them all the same.
    const { id: instanceId } = await cli.instance('anna');
    const { id: serverId } = await cli.server(protocol);
    for (const [path, metrics] of [
      [`/servers/${serverId}`, ['cpu', 'memory', 'disk', 'networkIn', 'networkOut']],
      [`/instances/${instanceId}`, ['cpu', 'memory', 'answer']],
    ] as const) {
      const untilMs = Date.now() + 60_000;
      const asked = `${path}/history?sinceMs=${untilMs - 600_000}&untilMs=${untilMs}&points=60`;
      await until(
        `all metrics of ${path}`,
        async () => {
          const { series } = history.parse(await program.call('GET', asked));
          const measured = series.filter(({ values }) => values.some((value) => value !== null)).map(({ metric }) => metric);
          return metrics.every((metric) => measured.includes(metric)) ? true : undefined;
        },
        30_000,
      );
    }
    // It knows no references, and is told to be too old for that.
    const { unasked } = await cli.json(referenceAnswer, ['find', '4F7K-2MQX'], 3);
    expect(unasked).toMatchObject([{ server: { name: protocol }, failure: { code: 'COMMAND_MISSING' } }]);
    for (const name of ['anna', 'berta']) {
      const { proof } = await cli.remove(name);
      expect(proof.every(({ isPresent }) => !isPresent)).toBe(true);
    }
  });
});
