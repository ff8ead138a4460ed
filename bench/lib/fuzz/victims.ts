import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Each is loaded only where it is attacked: a process has the memory and the turns of what it is.
type OnBug = (error: unknown) => void;
export type Victim = {
  /** Where it is, and what one needs to be let in. */
  readonly at: Readonly<Record<string, string | number>>;
  /** Does what it is told in its own process; answers with how it ended. */
  readonly act?: (ask: unknown) => Promise<string>;
};

export const fuzzHost = 'anna.farm.localhost';

type OnCrash = (text: string) => void;
type OnTurn = (turn: { readonly cpuMs: number; readonly isTooLong: boolean }) => void;

/** The edge between strangers and an upstream on `UPSTREAM_PORT`: a main process and two workers, as an agent starts them. */
async function edge(onBug: OnBug, onCrash: OnCrash, onTurn: OnTurn): Promise<Victim> {
  const { certificatePath, edgePaths, routePath, writeWhole } = await import('../../../agent/edge/edge-files.ts');
  const { runtimeFlags } = await import('../../../agent/edge/edge-start.ts');
  const { makeCertificate } = await import('../../../agent/edge/testing/make-certificate.ts');
  const { route } = await import('../../../agent/edge/testing/visitor.ts');
  const { workerProcesses } = await import('../../../agent/edge/worker-process.ts');
  const { Workers } = await import('../../../agent/edge/workers.ts');
  const { bindSocket, portOf } = await import('../../../kit/node/bound-socket.ts');
  const folder = mkdtempSync(join(tmpdir(), 'farmstead-fuzz-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const paths = edgePaths(folder);
  const { certificate, keyPem } = await makeCertificate(['*.farm.localhost']);
  for (const below of [dirname(certificatePath(paths, 'a')), dirname(routePath(paths, fuzzHost))]) mkdirSync(below, { recursive: true });
  writeWhole(certificatePath(paths, certificate.certificateId), JSON.stringify({ certificate, keyPem }));
  writeWhole(routePath(paths, fuzzHost), JSON.stringify(route(fuzzHost, Number(process.env['UPSTREAM_PORT']))));
  let isEnding = false;
  process.on('disconnect', () => (isEnding = true));
  const workers = new Workers({
    start: workerProcesses({
      runtime: process.execPath,
      flags: runtimeFlags,
      script: fileURLToPath(new URL('./edge-worker.ts', import.meta.url)),
      folder,
      confinement: { state: 'none', before: [], as: undefined },
    }),
    count: 2,
    begin: () => ({ act: 'begin', proof: 'fuzz', share: 2, ticketKeys: Buffer.alloc(48, 7).toString('base64'), httpsPort: 0, holds: [] }),
    log: {
      write: (event, fields = {}) => {
        const { cpuMs, isTooLong } = fields;
        if (event === 'turn') onTurn({ cpuMs: Number(cpuMs), isTooLong: isTooLong === true });
        else if (event === 'bug') onBug(JSON.stringify(fields));
        else if (event.startsWith('worker-') && !isEnding) onCrash(`${event} ${JSON.stringify(fields)}`);
      },
    },
    shown: (page) => page.cause === 'bug' && onBug(JSON.stringify(page)),
    changed: () => undefined,
  });
  workers.begin();
  await workers.up;
  const [secure, plain] = [await bindSocket('127.0.0.1', 0), await bindSocket('127.0.0.1', 0)];
  await Promise.all([workers.listen('https', secure), workers.listen('http', plain)]);
  return { at: { port: portOf(secure), plainPort: portOf(plain), ca: certificate.chainPem } };
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

export const starters = { edge, agent, names, web, archives } as const satisfies Record<
  string,
  (onBug: OnBug, onCrash: OnCrash, onTurn: OnTurn) => Promise<Victim>
>;
export type VictimName = keyof typeof starters;
