import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RehearsalRequest } from '#contract/api/jobs.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { runCli } from './run-cli.ts';

let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore({ servers: 2 });
  await core.addDomain('shop.test');
  http = await serveTestCore(core);
  await core.settled(
    await core.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: core.key() }),
  );
});
afterAll(async () => {
  await http.close();
  await core.close();
});

async function farm(...words: string[]) {
  const [out, error]: [string[], string[]] = [[], []];
  const code = await runCli({
    words,
    out: { write: (text) => void out.push(text), isTerminal: false, width: 100 },
    error: { write: (text) => void error.push(text), isTerminal: false, width: 100 },
    environment: { LANG: 'en_US.UTF-8', FARM_HOME: core.home },
    signal: new AbortController().signal,
    readInput: async () => '',
  });
  return { code, out: out.join(''), error: error.join('') };
}

test.each(['remove', 'start', 'stop', 'restart', 'suspend', 'resume', 'server', 'domain'] as const)(
  'what %s would change is said as the core says it, nobody is asked for a yes, and no job is made',
  async (what) => {
    const { id: instanceId } = await core.client.instances.find({ name: 'anna' });
    const [server] = (await core.client.servers.list()).servers;
    const domain = (await core.client.domains.list()).domains.find(({ name }) => name === 'shop.test');
    if (server === undefined || domain === undefined) throw new Error('no farm');
    const act: RehearsalRequest =
      what === 'server'
        ? { type: 'remove-server', serverId: server.id }
        : what === 'domain'
          ? { type: 'remove-domain', domainId: domain.id }
          : { type: what, instanceId };
    const words =
      what === 'server'
        ? ['servers', 'remove', server.name]
        : what === 'domain'
          ? ['domains', 'remove', domain.name]
          : ['instances', what, 'anna'];
    const jobs = (await core.client.jobs.list({})).jobs.length;
    const { changes } = await core.client.jobs.rehearse({ act });
    const text = await farm(...words, '--dry-run');
    expect([text.code, text.error]).toEqual([0, '']);
    for (const { title, says } of changes) expect(text.out).toContain(`  ${title}\n    ${says}`);
    const json = JSON.parse((await farm(...words, '--dry-run', '--json')).out) as { isRehearsal: boolean; changes: unknown };
    expect(json).toMatchObject({ isRehearsal: true, changes });
    expect((await core.client.jobs.list({})).jobs).toHaveLength(jobs);
    // one that runs needs no start
    expect(changes.length > 0).toBe(what !== 'start' && what !== 'resume');
  },
);
