import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SubjectAlternativeNameExtension } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Issued } from '../../ports/pki.ts';
import { createPki } from './create-pki.ts';
import { dayMs, keyToPem, leafExtensions, makeKeys, openAuthority, serverAuth, signCertificate } from './issue.ts';

const run = promisify(execFile);
const pki = createPki();
const chromium = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const marker = 'you are inside';
/** ERR_CERT_INVALID */
const certificateRefused = '-207';
let home: string;
let site: Issued;
const servers: Server[] = [];

/** A certificate for any name, signed with the site authority's own key: what somebody could make who stole it. */
async function forge(hosts: readonly string[]): Promise<{ readonly cert: string; readonly key: string }> {
  const keys = await makeKeys();
  const nowMs = Date.now();
  const certificate = await signCertificate(
    {
      commonName: hosts[0] ?? '',
      publicKey: keys.publicKey,
      notBeforeMs: nowMs - dayMs,
      notAfterMs: nowMs + 30 * dayMs,
      extensions: [
        ...leafExtensions([serverAuth]),
        new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns' as const, value }))),
      ],
    },
    await openAuthority(site),
  );
  return { cert: certificate.toString('pem'), key: await keyToPem(keys.privateKey) };
}

async function serve(pair: { readonly cert: string; readonly key: string }): Promise<number> {
  const server = createServer(pair, (_request, response) => response.end(`<!doctype html><title>${marker}</title>${marker}`));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** What a Chromium that trusts the site authority gets there: the page, and its network errors (https://chromium.googlesource.com/chromium/src/+/main/net/base/net_error_list.h). */
async function visit(host: string, port: number): Promise<{ readonly page: string; readonly errors: readonly string[] }> {
  const { stdout, stderr } = await run(
    chromium,
    [
      '--headless',
      '--enable-logging=stderr',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-gpu'],
      `--user-data-dir=${join(home, 'profile')}`,
      `--host-resolver-rules=MAP ${host} 127.0.0.1`,
      '--dump-dom',
      `https://${host}:${port}/`,
    ],
    { env: { ...process.env, HOME: home }, timeout: 60_000, maxBuffer: 16_777_216 },
  );
  return { page: stdout, errors: [...stderr.matchAll(/net_error (-\d+)/g)].map((found) => found[1] ?? '') };
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-constraint-'));
  site = await pki.makeSiteAuthority('farm', 'Farm', ['farm.example'], Date.now());
  const store = join(home, '.pki', 'nssdb');
  await mkdir(store, { recursive: true });
  await writeFile(join(home, 'site.pem'), site.chainPem);
  await run('certutil', ['-N', '-d', `sql:${store}`, '--empty-password']);
  await run('certutil', ['-A', '-d', `sql:${store}`, '-n', 'site', '-t', 'C,,', '-i', join(home, 'site.pem')]);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

describe('a Chromium that trusts the site authority', () => {
  it('takes the wildcard of the farm, and whatever else its key signs for the farm', async () => {
    const { chainPem, keyPem } = await pki.issueWildcard(site, 'farm.example', Date.now());
    expect((await visit('anna.farm.example', await serve({ cert: chainPem, key: keyPem }))).page).toContain(marker);
    // So that the refusals below are about the names, and about nothing else in these certificates.
    expect((await visit('berta.farm.example', await serve(await forge(['berta.farm.example'])))).page).toContain(marker);
  });

  it.each([
    { hosts: ['bank.example'], host: 'bank.example' },
    { hosts: ['anna.farm.example', 'bank.example'], host: 'bank.example' },
    { hosts: ['anna.farm.example', 'bank.example'], host: 'anna.farm.example' },
  ])('refuses $host from a certificate for $hosts that the authority’s own key signed', async ({ hosts, host }) => {
    const { page, errors } = await visit(host, await serve(await forge(hosts)));
    expect(page).not.toContain(marker);
    expect(errors).toContain(certificateRefused);
  });

  it('goes on trusting when a domain has come, and takes the new domain once it has the new file beside the old one', async () => {
    const wide = await pki.makeSiteAuthority('farm', 'Farm', ['farm.example', 'shop.example'], Date.now(), site);
    const served = async (domain: string): Promise<number> => {
      const { chainPem, keyPem } = await pki.issueWildcard(wide, domain, Date.now());
      return serve({ cert: chainPem, key: keyPem });
    };
    const [farm, shop] = [await served('farm.example'), await served('shop.example')];
    expect((await visit('anna.farm.example', farm)).page).toContain(marker);
    expect((await visit('anna.shop.example', shop)).page).not.toContain(marker);
    await writeFile(join(home, 'wide.pem'), wide.chainPem);
    await run('certutil', ['-A', '-d', `sql:${join(home, '.pki', 'nssdb')}`, '-n', 'wide', '-t', 'C,,', '-i', join(home, 'wide.pem')]);
    expect((await visit('anna.farm.example', farm)).page).toContain(marker);
    expect((await visit('anna.shop.example', shop)).page).toContain(marker);
  });
});
