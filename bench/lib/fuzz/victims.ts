import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// Each is loaded only where it is attacked: a process has the memory and the turns of what it is.
type OnBug = (error: unknown) => void;
export type Victim = {
  /** Where it is, and what one needs to be let in. */
  readonly at: Readonly<Record<string, string | number>>;
  /** Does what it is told in its own process; answers with how it ended. */
  readonly act?: (ask: unknown) => Promise<string>;
};

export const fuzzHost = 'anna.farm.localhost';

/** The edge between strangers and an upstream on `UPSTREAM_PORT`. */
async function edge(onBug: OnBug): Promise<Victim> {
  const { createTestFront } = await import('../../../agent/edge/testing/create-test-front.ts');
  const { makeCertificate } = await import('../../../agent/edge/testing/make-certificate.ts');
  const { route } = await import('../../../agent/edge/testing/visitor.ts');
  const [front, wildcard] = await Promise.all([createTestFront({ headMs: 2000 }), makeCertificate(['*.farm.localhost'])]);
  front.context.certificates.put(wildcard);
  front.context.routes.put(route(fuzzHost, Number(process.env['UPSTREAM_PORT'])));
  const { notes } = front;
  setInterval(() => {
    for (const note of notes.splice(0)) if (note.event === 'bug' || note['cause'] === 'bug') onBug(JSON.stringify(note));
  }, 200);
  return { at: { port: front.httpsPort, plainPort: front.httpPort, ca: wildcard.certificate.chainPem } };
}

/** An agent that has joined a farm, with the identity of its core. */
async function agent(onBug: OnBug): Promise<Victim> {
  const { startTestAgent } = await import('../../../src-main/drivers/agent-link/fixtures/test-agent.ts');
  const { makeFarm, makeLinks } = await import('../../../src-main/drivers/agent-link/fixtures/test-farm.ts');
  const [one, farm] = [await startTestAgent(), await makeFarm()];
  await makeLinks().pair(farm.pairRequest(one.address, one.code()));
  const { logged } = one.bench;
  setInterval(() => {
    for (const { event, fields } of logged.splice(0)) if (event === 'bug') onBug(Reflect.get(fields as object, 'error'));
  }, 200);
  return { at: { port: one.port, cert: farm.identity.chainPem, key: farm.identity.keyPem } };
}

async function names(): Promise<Victim> {
  const { startNameServer } = await import('../../../src-main/drivers/dns/builtin/name-server.ts');
  const { indexZone } = await import('../../../src-main/drivers/dns/builtin/zone-index.ts');
  const values = ['192.0.2.1'];
  const records = [
    { name: 'anna.farm.example', type: 'A', ttlSeconds: 60, values },
    { name: '*.farm.example', type: 'A', ttlSeconds: 60, values },
    { name: 'big.farm.example', type: 'TXT', ttlSeconds: 60, values: ['x'.repeat(4000)] },
    { name: 'alias.farm.example', type: 'CNAME', ttlSeconds: 60, values: ['anna.farm.example'] },
  ];
  const zones = new Map([['farm.example', indexZone({ name: 'farm.example', serial: 1, records }, '127.0.0.1')]]);
  const server = await startNameServer({ address: '127.0.0.1', port: 0, zones: () => zones });
  return { at: { port: server.port } };
}

/** The console of a farm with two servers, whose agents are in memory. */
async function web(onBug: OnBug): Promise<Victim> {
  const { createTestCore } = await import('../../../src-main/testing/create-test-core.ts');
  const { serveTestCore } = await import('../../../src-main/testing/http-fixture.ts');
  const core = await createTestCore({ servers: 2 });
  const http = await serveTestCore(core);
  const { logLines } = core;
  setInterval(() => {
    for (const line of logLines.splice(0)) if (line.includes('"level":"bug"')) onBug(line);
  }, 200);
  const { Cookie = '', ...rest } = http.browser();
  const [keyName = '', key = ''] = Object.entries(rest)[0] ?? [];
  return { at: { port: http.port, host: http.host, origin: http.origin, token: http.linkToken, cookie: Cookie, keyName, key } };
}

type ArchiveAsk = { readonly kind: 'zip' | 'tar'; readonly path: string };
const limits = { payloadBytes: 2_000_000, payloadEntries: 200 };

/** Unpacks archives that are laid before it, and tells which were refused with words of ours. */
async function archives(): Promise<Victim> {
  const { unpackArchive } = await import('../../../agent/commands/unpack.ts');
  const { unzip } = await import('../../../src-main/drivers/packages/unzip.ts');
  const base = mkdtempSync(join(tmpdir(), 'farmstead-fuzz-'));
  process.on('exit', () => rmSync(base, { recursive: true, force: true }));
  let number = 0;
  return {
    at: { folder: base },
    act: async (ask) => {
      const { kind, path } = ask as ArchiveAsk;
      number += 1;
      const folder = join(base, `unpacked-${number}`);
      mkdirSync(folder);
      try {
        if (kind === 'zip') await unzip(path, folder, limits);
        else await unpackArchive({ packageId: 'fuzz', archive: path, folder, limits });
        return 'taken';
      } catch (error) {
        // What is refused has a code or a reason; anything else is a fault of ours.
        if (error instanceof Error && ('code' in error || 'reason' in error)) return 'refused';
        throw error;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

export const starters = { edge, agent, names, web, archives } as const satisfies Record<string, (onBug: OnBug) => Promise<Victim>>;
export type VictimName = keyof typeof starters;
