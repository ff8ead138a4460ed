import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import type { EdgeRoute } from '../../../contract/agent/edge.ts';
import { runtimeEnvironment, runtimeFlags } from '../../../agent/edge/edge-start.ts';
import { makeCertificate } from '../../../agent/edge/testing/make-certificate.ts';
import { route } from '../../../agent/edge/testing/visitor.ts';

export type StartedProxy = { readonly name: string; readonly port: number; readonly processId: number };
export const routes = 200;
export const hosts = Array.from({ length: routes }, (_, at) => `site${at}.farm.localhost`);

/** Proxies on one core, what they lead to on another; every one of them with the same certificate and the same hosts. */
export type Stage = {
  readonly folder: string;
  readonly certificatePem: string;
  /** Starts a program that ends with the stage, on a core where one is named. */
  readonly start: (
    program: string,
    args: readonly string[],
    options?: { readonly core?: string; readonly environment?: Record<string, string> },
  ) => ChildProcess;
  readonly nginx: (upstream: number) => Promise<StartedProxy>;
  readonly caddy: (upstream: number) => Promise<StartedProxy>;
  readonly haproxy: (upstream: number) => Promise<StartedProxy>;
  readonly edge: (
    upstream: number,
    options?: {
      readonly bundle?: string | undefined;
      readonly flags?: string | undefined;
      readonly routes?: readonly EdgeRoute[];
      readonly workers?: number;
    },
  ) => Promise<StartedProxy>;
  /** nginx with what is asked for in benchmarks: `/` 150 bytes, `/large` 64 KiB; takes any body. */
  readonly upstream: () => Promise<number>;
  readonly close: () => Promise<void>;
};

export const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
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

export async function createStage(proxyCore: string | undefined, loadCore: string | undefined): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'farmstead-bench-edge-'));
  const children: ChildProcess[] = [];
  const { certificate, keyPem } = await makeCertificate(['*.farm.localhost', 'localhost']);
  const [certFile, keyFile, bothFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem'), join(folder, 'both.pem')];
  writeFileSync(certFile, certificate.chainPem);
  writeFileSync(keyFile, keyPem, { mode: 0o600 });
  writeFileSync(bothFile, `${certificate.chainPem}\n${keyPem}`, { mode: 0o600 });
  writeFileSync(join(folder, 'large'), 'b'.repeat(65_536));

  const start: Stage['start'] = (program, args, { core, environment = {} } = {}) => {
    const [command, all] = core === undefined ? [program, args] : ['taskset', ['-c', core, program, ...args]];
    // Caddy tells of its start there, whatever its log is told to do
    const errors = program === 'caddy' ? 'ignore' : 'inherit';
    const child = spawn(command, all, { cwd: folder, stdio: ['ignore', 'ignore', errors], env: { ...process.env, ...environment } });
    children.push(child);
    return child;
  };
  const onProxyCore = proxyCore === undefined ? {} : { core: proxyCore };
  const proxy = async (name: string, port: number, child: ChildProcess): Promise<StartedProxy> => {
    await untilOpen(port);
    return { name, port, processId: child.pid ?? 0 };
  };
  const nginxConfig = (name: string, servers: string): string => {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((kind) => `${kind}_temp_path ${folder}/${name}-${kind};`)
      .join(' ');
    const file = join(folder, `${name}.conf`);
    writeFileSync(
      file,
      `daemon off; ${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1; pid ${folder}/${name}.pid; error_log /dev/null;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000000; client_max_body_size 0; server_names_hash_max_size 4096; server_names_hash_bucket_size 128; ${temporary} ${servers} }`,
    );
    return file;
  };
  const forwarded = `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Proto https; proxy_set_header X-Forwarded-Host $host;`;

  return {
    folder,
    certificatePem: certificate.chainPem,
    start,
    upstream: async () => {
      const port = await freePort();
      const config = nginxConfig(
        'upstream',
        `server { listen 127.0.0.1:${port} backlog=4096; root ${folder}; location / { default_type text/plain; return 200 "${'a'.repeat(150)}"; } location = /large { } }`,
      );
      start('nginx', ['-e', '/dev/null', '-c', config], loadCore === undefined ? {} : { core: loadCore });
      await untilOpen(port);
      return port;
    },
    nginx: async (upstream) => {
      const port = await freePort();
      const servers = hosts.map(
        (host) => `server { listen 127.0.0.1:${port} ssl http2; server_name ${host}; location / { proxy_pass http://up; ${forwarded} } }`,
      );
      const tls = `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; ssl_session_cache shared:s:10m;`;
      const up = `upstream up { server 127.0.0.1:${upstream}; keepalive 128; keepalive_requests 1000000000; }`;
      const config = nginxConfig('proxy', [tls, up, ...servers].join('\n'));
      return proxy('nginx', port, start('nginx', ['-e', '/dev/null', '-c', config], onProxyCore));
    },
    caddy: async (upstream) => {
      const port = await freePort();
      const sites = [...hosts, 'localhost'].map(
        (host) => `https://${host}:${port} {\n  bind 127.0.0.1\n  tls ${certFile} ${keyFile}\n  reverse_proxy 127.0.0.1:${upstream}\n}`,
      );
      const config = join(folder, 'Caddyfile');
      writeFileSync(
        config,
        `{\n  admin off\n  auto_https off\n  skip_install_trust\n  log {\n    output discard\n  }\n}\n${sites.join('\n')}\n`,
      );
      const environment = { GOMAXPROCS: '1', XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder };
      return proxy('caddy', port, start('caddy', ['run', '--config', config, '--adapter', 'caddyfile'], { ...onProxyCore, environment }));
    },
    haproxy: async (upstream) => {
      const port = await freePort();
      const [config, map] = [join(folder, 'haproxy.cfg'), join(folder, 'hosts.map')];
      writeFileSync(map, hosts.map((host) => `${host} up\n`).join(''));
      writeFileSync(
        config,
        `global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
  option forwardfor
frontend in
  bind 127.0.0.1:${port} ssl crt ${bothFile} alpn h2,http/1.1
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  use_backend %[req.hdr(host),field(1,:),lower,map_str(${map})]
backend up
  server one 127.0.0.1:${upstream}
`,
      );
      return proxy('haproxy', port, start('haproxy', ['-db', '-f', config], onProxyCore));
    },
    edge: async (upstream, given = {}) => {
      const [port, plain] = [await freePort(), await freePort()];
      // Its workers are of a user of their own, who must get there.
      chmodSync(folder, 0o711);
      const base = mkdtempSync(join(folder, 'edge-home-'));
      chmodSync(base, 0o711);
      const home = join(base, 'edge');
      for (const name of ['routes', 'certificates']) mkdirSync(join(home, name), { recursive: true });
      writeFileSync(join(home, 'certificates', 'at-1.json'), JSON.stringify({ certificate, keyPem }));
      for (const one of given.routes ?? [...hosts, 'localhost'].map((host) => route(host, upstream)))
        writeFileSync(join(home, 'routes', `at-${one.host}.json`), JSON.stringify(one));
      if (given.workers !== undefined) writeFileSync(join(home, 'settings.json'), JSON.stringify({ workers: given.workers }));
      const bundle = given.bundle === undefined ? join(folder, 'edge.cjs') : resolve(given.bundle);
      if (given.bundle === undefined)
        await build({
          ...{ entryPoints: ['agent/edge/main.ts'], outfile: bundle, bundle: true, minify: true, format: 'cjs', platform: 'node' },
          ...{ target: 'node24', logLevel: 'error' },
        });
      const sha256 = createHash('sha256').update(readFileSync(bundle)).digest('hex');
      const child = start(
        process.execPath,
        [
          ...(given.flags === undefined ? runtimeFlags : given.flags.split(' ').filter(Boolean)),
          ...[bundle, '--folder', home, '--https', `127.0.0.1:${port}`, '--http', `127.0.0.1:${plain}`],
          ...['--version', '0', '--sha256', sha256, '--pipe-slot', '0'],
        ],
        { ...onProxyCore, environment: runtimeEnvironment },
      );
      return proxy('edge', port, child);
    },
    close: async () => {
      for (const child of children) child.kill('SIGTERM');
      await delay(500);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
