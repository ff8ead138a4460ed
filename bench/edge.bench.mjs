/**
 * The edge beside Debian's nginx and Caddy, in one run: 200 Host routes, keep-alive TLS, one core for the proxy, the upstream and the load on
 * the other one. Needs nginx, caddy, wrk and taskset, and at least two cores; installs nothing itself (`npm run bench` does, as root on Debian).
 *   npm run bench -- edge      (more: node_modules/.bin/node bench/edge.bench.mjs [--seconds 8] [--rounds 3] [--only edge,caddy] [--bundle dist/agent/edge.cjs] [--flags='…'])
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { build } from 'esbuild';
import { makeCertificate } from '../agent/edge/testing/make-certificate.ts';
import { median, say, sayMachine, sayTarget } from './lib/say.ts';

const run = promisify(execFile);
const text = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({
  options: { seconds: text, rounds: text, only: text, bundle: text, connections: text, flags: text },
});
const seconds = Number(values.seconds ?? 3);
const rounds = Number(values.rounds ?? 3);
const connections = Number(values.connections ?? 64);
const routes = 200;
const [proxyCore, loadCore] = ['0', '1'];
const folder = mkdtempSync(join(tmpdir(), 'farmstead-bench-edge-'));
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });

/** @param {number} port */
async function untilOpen(port) {
  for (let tries = 0; tries < 500; tries++) {
    const isOpen = await new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        done(true);
      }).on('error', () => done(false));
    });
    if (isOpen) return;
    await delay(20);
  }
  throw new Error(`nothing listens on ${port}`);
}

/** @param {string} core @param {string} program @param {string[]} args @param {Record<string, string>} [environment] */
function start(core, program, args, environment = {}) {
  const child = spawn('taskset', ['-c', core, program, ...args], {
    cwd: folder,
    // Caddy tells of its start there, whatever its log is told to do
    stdio: ['ignore', 'ignore', program === 'caddy' ? 'ignore' : 'inherit'],
    env: { ...process.env, ...environment },
  });
  children.push(child);
  return child;
}

/** CPU time of a process and its children so far, in seconds (proc(5): fields 14 and 15, 100 ticks a second). @param {number | undefined} processId @returns {number} */
function cpuOf(processId) {
  const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const below = readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return (Number(fields[11]) + Number(fields[12])) / 100 + below.reduce((sum, id) => sum + cpuOf(Number(id)), 0);
}

/** Memory of a process and its children now, in MB. @param {number | undefined} processId @returns {number} */
function memoryOf(processId) {
  try {
    const status = readFileSync(`/proc/${processId}/status`, 'utf8');
    const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    const below = readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return own + below.reduce((sum, id) => sum + memoryOf(Number(id)), 0);
  } catch {
    return 0;
  }
}

const { certificate, keyPem } = await makeCertificate(['*.farm.localhost', 'localhost']);
const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
writeFileSync(certFile, certificate.chainPem);
writeFileSync(keyFile, keyPem, { mode: 0o600 });
const hosts = Array.from({ length: routes }, (_, at) => `site${at}.farm.localhost`);

/** A tiny answer, from nginx, over kept connections: never the limit. */
async function startUpstream() {
  const port = await freePort();
  const config = join(folder, 'upstream.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/upstream.pid; error_log /dev/null;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path ${folder}/u1; proxy_temp_path ${folder}/u2; fastcgi_temp_path ${folder}/u3; uwsgi_temp_path ${folder}/u4; scgi_temp_path ${folder}/u5;
server { listen 127.0.0.1:${port} backlog=4096; location / { default_type text/plain; return 200 "${'a'.repeat(600)}"; } } }`,
  );
  start(loadCore, 'nginx', ['-e', '/dev/null', '-c', config]);
  await untilOpen(port);
  return port;
}

/** @param {number} upstream */
async function startNginx(upstream) {
  const port = await freePort();
  const config = join(folder, 'proxy.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/proxy.pid; error_log /dev/null;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000000; server_names_hash_max_size 4096; server_names_hash_bucket_size 128;
client_body_temp_path ${folder}/p1; proxy_temp_path ${folder}/p2; fastcgi_temp_path ${folder}/p3; uwsgi_temp_path ${folder}/p4; scgi_temp_path ${folder}/p5;
ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};
upstream up { server 127.0.0.1:${upstream}; keepalive 128; keepalive_requests 1000000000; }
${hosts
  .map(
    (host) => `server { listen 127.0.0.1:${port} ssl http2; server_name ${host}; location / { proxy_pass http://up; proxy_http_version 1.1;
proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https; proxy_set_header X-Forwarded-Host $host; } }`,
  )
  .join('\n')} }`,
  );
  const child = start(proxyCore, 'nginx', ['-e', '/dev/null', '-c', config]);
  await untilOpen(port);
  return { port, processId: child.pid };
}

/** @param {number} upstream */
async function startCaddy(upstream) {
  const port = await freePort();
  const config = join(folder, 'Caddyfile');
  writeFileSync(
    config,
    `{
  admin off
  auto_https off
  skip_install_trust
  log {
    output discard
  }
}
${[...hosts, 'localhost'].map((host) => `https://${host}:${port} {\n  bind 127.0.0.1\n  tls ${certFile} ${keyFile}\n  reverse_proxy 127.0.0.1:${upstream}\n}`).join('\n')}
`,
  );
  const child = start(proxyCore, 'caddy', ['run', '--config', config, '--adapter', 'caddyfile'], {
    GOMAXPROCS: '1',
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    HOME: folder,
  });
  await untilOpen(port);
  return { port, processId: child.pid };
}

/** @param {number} upstream */
async function startEdge(upstream) {
  const [port, plain] = [await freePort(), await freePort()];
  const home = join(folder, 'edge-home', 'edge');
  for (const name of ['routes', 'certificates']) mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, 'certificates', 'at-1.json'), JSON.stringify({ certificate, keyPem }));
  for (const host of hosts) {
    const route = {
      host,
      instanceId: host,
      target: { host: '127.0.0.1', port: upstream },
      state: 'running',
      language: 'en',
      providerName: '',
    };
    writeFileSync(join(home, 'routes', `at-${host}.json`), JSON.stringify(route));
  }
  const bundle = values.bundle === undefined ? join(folder, 'edge.cjs') : resolve(values.bundle);
  if (values.bundle === undefined)
    await build({
      entryPoints: ['agent/edge/main.ts'],
      outfile: bundle,
      bundle: true,
      minify: true,
      format: 'cjs',
      platform: 'node',
      target: 'node24',
      logLevel: 'error',
    });
  const sha256 = createHash('sha256').update(readFileSync(bundle)).digest('hex');
  const flags =
    values.flags === undefined
      ? ['--max-semi-space-size=2', '--max-old-space-size=192', '--optimize-for-size']
      : values.flags.split(' ').filter(Boolean);
  const child = start(proxyCore, process.execPath, [
    ...[...flags, bundle, '--folder', home, '--https', `127.0.0.1:${port}`, '--http', `127.0.0.1:${plain}`],
    ...['--version', '0', '--sha256', sha256, '--pipe-slot', '0'],
  ]);
  await untilOpen(port);
  return { port, processId: child.pid };
}

const script = join(folder, 'hosts.lua');
writeFileSync(
  script,
  `local n = 0
local reqs = {}
function init(args)
  for i = 0, ${routes - 1} do reqs[i] = wrk.format("GET", "/", { ["Host"] = "site" .. i .. ".farm.localhost", ["Accept"] = "*/*", ["User-Agent"] = "wrk" }) end
end
function request() n = (n + 1) % ${routes}; return reqs[n] end
`,
);

/** @param {number} port @param {number | undefined} processId @param {number} forSeconds whole ones: wrk knows no others */
async function measure(port, processId, forSeconds) {
  const args = ['-t1', `-c${connections}`, `-d${forSeconds}s`, '--latency', '-s', script, `https://localhost:${port}/`];
  let peakMb = 0;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, memoryOf(processId));
  }, 200);
  const cpuBefore = cpuOf(processId);
  const { stdout } = await run('taskset', ['-c', loadCore, 'wrk', ...args]);
  const cpuSeconds = cpuOf(processId) - cpuBefore;
  clearInterval(timer);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0);
  const bad = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(stdout)?.[0] ?? '';
  return { perSecond, perCpuSecond: requests / cpuSeconds, peakMb, p99: /99%\s+(\S+)/.exec(stdout)?.[1] ?? '', bad };
}

sayMachine('before');
try {
  const upstream = await startUpstream();
  const starters = { edge: startEdge, nginx: startNginx, caddy: startCaddy };
  /** @type {Record<string, Awaited<ReturnType<typeof measure>>[]>} */
  const results = {};
  /** @type {{ name: string, port: number, processId: number | undefined }[]} */
  const proxies = [];
  for (const [name, startOne] of Object.entries(starters)) {
    if (values.only !== undefined && !values.only.split(',').includes(name)) continue;
    proxies.push({ name, ...(await startOne(upstream)) });
    results[name] = [];
  }
  // Round by round, so that whatever else this machine does hits all of them alike; the first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const { name, port, processId } of proxies) {
      const result = await measure(port, processId, seconds);
      if (round > 0) results[name]?.push(result);
      if (result.bad !== '') process.stdout.write(`${name}: ${result.bad}\n`);
    }
  }
  const speed = (/** @type {string} */ name) => median((results[name] ?? []).map(({ perSecond }) => perSecond));
  // On a machine that does nothing else both say the same; on a busy one this one says more.
  const thrift = (/** @type {string} */ name) => median((results[name] ?? []).map(({ perCpuSecond }) => perCpuSecond));
  for (const [name, all] of Object.entries(results)) {
    const peak = Math.max(...all.map(({ peakMb }) => peakMb));
    const numbers = [
      `${speed(name).toFixed(0).padStart(7)} requests/s`,
      `${thrift(name).toFixed(0).padStart(7)} requests per second of CPU`,
    ];
    process.stdout.write(`${name.padEnd(6)} ${numbers.join('  ')}  p99 ${all.at(-1)?.p99}  peak ${peak.toFixed(0)} MB\n`);
  }
  const ratio = (/** @type {string} */ other) =>
    `edge / ${other} ${(speed('edge') / speed(other)).toFixed(2)}, per second of CPU ${(thrift('edge') / thrift(other)).toFixed(2)}`;
  for (const other of ['caddy', 'nginx']) if (results['edge'] && results[other]) say(ratio(other));
  if (results['edge'] && results['caddy']) {
    say(`medians of ${rounds} rounds of ${seconds} s, ${connections} connections`);
    sayTarget('edge / caddy, requests per second', { measured: speed('edge') / speed('caddy'), atLeast: 1.5, unit: 'times' });
  }
  if (results['edge']) {
    const peak = Math.max(...results['edge'].map(({ peakMb }) => peakMb));
    sayTarget('edge, most memory under load', { measured: peak, atMost: 120, unit: 'MB', digits: 0 });
  }
} finally {
  for (const child of children) child.kill('SIGTERM');
  await delay(300);
  rmSync(folder, { recursive: true, force: true });
  sayMachine('after');
}
