import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceSpec } from '#contract/agent/instances.ts';
import { type Sha256, sha256 } from '#contract/ids.ts';
import { type PackageManifest, packageManifest } from '#contract/package-manifest.ts';
import type { AgentFolders, PackageStore } from '../ports.ts';

/** A tiny web application that behaves as its parameter `mode` says. */
export const applicationSource = `
const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');
const mode = process.env.MODE;
if (process.argv[2] === 'set-up') {
  if (mode === 'bad-set-up') { console.error('no licence here'); process.exit(7); }
  writeFileSync('made', 'x'.repeat(Number(process.env.SIZE || 10)));
  process.exit(0);
}
if (mode === 'dies') { console.error('\\u001b[31mno licence\\u001b[0m found'); process.exit(3); }
if (mode === 'stubborn') process.on('SIGTERM', () => undefined);
if (mode === 'floods') setInterval(() => { for (let i = 0; i < 200; i++) console.log('y'.repeat(1000)); }, 5);
if (mode === 'family') require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' });
if (mode === 'escapes') {
  // Two that leave their session, their parent and their environment: one stands in the folder, one only holds a file of it.
  const tell = (name, more) => 'require("node:fs").writeFileSync("' + process.cwd() + '/' + name + '", String(process.pid));' + more + 'setInterval(() => 0, 1000)';
  const leave = (script) => require('node:child_process').execFileSync('/bin/sh', ['-c', 'exec setsid env -i "$0" -e "$1" >/dev/null 2>&1 </dev/null &', process.execPath, script]);
  leave(tell('stands.pid', ''));
  leave(tell('holds.pid', 'require("node:fs").openSync("' + process.cwd() + '/made", "r");process.chdir("/");'));
}
const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(9);
  if (request.url === '/who') return response.end(JSON.stringify({ pid: process.pid, uid: process.getuid && process.getuid(), env: Object.keys(process.env), cwd: process.cwd() }));
  response.statusCode = mode === 'never' ? 503 : 200;
  response.end(JSON.stringify({ ok: true }));
});
setTimeout(() => server.listen(Number(process.env.PORT), process.env.HOST), mode === 'slow' ? 1200 : 0);
`;

type Change = Partial<PackageManifest> & { readonly startSeconds?: number; readonly graceSeconds?: number };

export function testManifest({ startSeconds = 10, graceSeconds = 1, ...change }: Change = {}): PackageManifest {
  const platforms = [
    { os: 'linux', arch: 'x64' },
    { os: 'linux', arch: 'arm64' },
    { os: 'windows', arch: 'x64' },
  ];
  return packageManifest.parse({
    formatVersion: 1,
    id: 'test-app',
    version: '1.0.0',
    name: { en: 'Test' },
    summary: { en: 'Test' },
    logo: 'logo.svg',
    payload: [{ platforms, source: { kind: 'directory', path: 'payload' } }],
    limits: { payloadBytes: 1_000_000, payloadEntries: 50 },
    runtime: { kind: 'node', major: 24 },
    parameters: {
      type: 'object',
      properties: {
        mode: { type: 'string', title: { en: 'Mode' } },
        password: { type: 'string', title: { en: 'Password' }, 'x-secret': true },
      },
      required: ['mode'],
    },
    files: [
      {
        format: 'csv',
        path: 'config/users.csv',
        rows: [
          ['name', 'password'],
          ['anna', { from: 'parameter.password' }],
        ],
      },
    ],
    setup: [
      { id: 'init', command: [{ from: 'runtime' }, { from: 'payload', path: 'app.cjs' }, 'set-up'], creates: 'made', timeoutSeconds: 10 },
    ],
    start: {
      command: [{ from: 'runtime' }, { from: 'payload', path: 'app.cjs' }],
      environment: { PORT: { from: 'port' }, HOST: { from: 'listenHost' }, MODE: { from: 'parameter.mode' } },
    },
    dataFolders: ['made'],
    health: { path: '/health', acceptedStatus: [200], intervalSeconds: 1, timeoutSeconds: 2, startSeconds },
    stop: { graceSeconds },
    plans: [{ key: 'S', name: { en: 'Small' }, memoryBytes: 1, cpuMillicores: 1, diskBytes: 1 }],
    backup: [],
    handOver: { path: '/', note: { en: 'Hello' } },
    ...change,
  });
}

export const hashOf = (text: string | Uint8Array): Sha256 => sha256.parse(createHash('sha256').update(text).digest('hex'));

/** Puts the package there as `packages.install` would. */
export async function placePackage(
  folders: AgentFolders,
  packages: PackageStore,
  manifest: PackageManifest = testManifest(),
  source: string = applicationSource,
) {
  const manifestJson = JSON.stringify(manifest);
  const payload = hashOf(source);
  await mkdir(join(folders.packages, payload), { recursive: true, mode: 0o755 });
  await writeFile(join(folders.packages, payload, 'app.cjs'), source, { mode: 0o644 });
  const manifestHash = hashOf(manifestJson);
  await packages.save({
    packageId: manifest.id,
    version: manifest.version,
    manifestHash,
    payload,
    installedAtMs: 1,
    sizeBytes: 1,
    manifestJson,
  });
  return { manifestHash, payload };
}

export function testSpec(instanceId: string, mode: string, ids: { readonly manifestHash: Sha256; readonly payload: Sha256 }): InstanceSpec {
  return {
    ...ids,
    instanceId,
    name: instanceId,
    host: `${instanceId}.farm.localhost`,
    url: `https://${instanceId}.farm.localhost:8443`,
    limits: { memoryBytes: 1e8, cpuMillicores: 100, diskBytes: 1e8 },
    parameters: { mode, password: 'se"cret' },
  };
}
