import { execFile } from 'node:child_process';
import { X509Certificate, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { type TLSSocket, connect, createServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Issued } from '../../ports/pki.ts';
import { signCertificate, keyFromPem, keyToPem, leafExtensions, makeKeys, openAuthority, serverAuth } from './issue.ts';
import { createPki } from './create-pki.ts';
import { SubjectAlternativeNameExtension } from '@peculiar/x509';

const nowMs = Date.now();
const farmId = '0198c0de-0000-7000-8000-00000000000a';
const pki = createPki();
const run = promisify(execFile);
let folder = '';
let site: Issued;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-pki-'));
  site = await pki.makeSiteAuthority(farmId, 'Ферма', ['farm.localhost'], nowMs);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `openssl verify` says of a server certificate, with the name that a visitor typed. */
async function opensslSays(authority: string, leaf: string, host: string): Promise<string> {
  const [authorityFile, leafFile] = [join(folder, 'authority.pem'), join(folder, 'leaf.pem')];
  await Promise.all([writeFile(authorityFile, authority), writeFile(leafFile, leaf)]);
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', host, '-CAfile', authorityFile, leafFile];
  const { stdout, stderr } = await run('openssl', args).catch((error: { stdout: string; stderr: string }) => error);
  return stdout + stderr;
}

/** What Node's TLS client says when a server shows this certificate under `host`: 'ok' or an error code. */
async function nodeSays(authority: string, leaf: { chainPem: string; keyPem: string }, host: string): Promise<string> {
  const server = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, (socket) => socket.on('error', () => {}));
  server.on('tlsClientError', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((done) => {
      const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername: host, ca: authority }, () => {
        socket.destroy();
        done('ok');
      });
      socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    });
  } finally {
    await new Promise((done) => server.close(done));
  }
}

/** The site authority's key in hostile hands: no check of ours stands between it and the certificate. */
async function forge(names: { type: 'dns' | 'ip' | 'email'; value: string }[]): Promise<{ chainPem: string; keyPem: string }> {
  const keys = await makeKeys();
  const extensions = [...leafExtensions([serverAuth]), new SubjectAlternativeNameExtension(names)];
  const content = {
    commonName: 'forged',
    publicKey: keys.publicKey,
    notBeforeMs: nowMs - 60_000,
    notAfterMs: nowMs + 86_400_000,
    extensions,
  };
  const certificate = await signCertificate(content, await openAuthority(site));
  return { chainPem: certificate.toString('pem'), keyPem: await keyToPem(keys.privateKey) };
}

describe('the site authority', () => {
  it('issues a wildcard that OpenSSL and Node accept for the domain and one label below it', async () => {
    const wildcard = await pki.issueWildcard(site, 'farm.localhost', nowMs);
    expect(await opensslSays(site.chainPem, wildcard.chainPem, 'anna.farm.localhost')).toMatch(/: OK/);
    expect(await opensslSays(site.chainPem, wildcard.chainPem, 'farm.localhost')).toMatch(/: OK/);
    expect(await nodeSays(site.chainPem, wildcard, 'anna.farm.localhost')).toBe('ok');
    expect(await nodeSays(site.chainPem, wildcard, 'other.localhost')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(wildcard.names).toEqual(['*.farm.localhost', 'farm.localhost']);
    expect(wildcard.notAfterMs - wildcard.notBeforeMs).toBeLessThanOrEqual(398 * 86_400_000);
    expect(new X509Certificate(wildcard.chainPem).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(wildcard.serialNumber.length).toBeGreaterThanOrEqual(32);
    expect(wildcard.issuer).toBe('Farmstead test sites Ферма');
  });

  it('refuses a domain outside its constraint', async () => {
    for (const domain of ['example.com', 'notfarm.localhost', 'localhost', '']) {
      await expect(pki.issueWildcard(site, domain, nowMs)).rejects.toMatchObject({ code: 'CERTIFICATE_INVALID' });
    }
    expect((await pki.issueWildcard(site, 'shop.farm.localhost', nowMs)).names[0]).toBe('*.shop.farm.localhost');
  });

  it('is followed by itself when a domain comes: who trusted it goes on, and only the new domain needs the new file', async () => {
    const wide = await pki.makeSiteAuthority(farmId, 'Another name', ['farm.localhost', 'shop.example'], nowMs + 60_000, site);
    expect(wide.fingerprintSha256).not.toBe(site.fingerprintSha256);
    const early = await pki.issueWildcard(site, 'farm.localhost', nowMs);
    const late = await pki.issueWildcard(wide, 'farm.localhost', nowMs);
    const shop = await pki.issueWildcard(wide, 'shop.example', nowMs);
    for (const trusted of [site.chainPem, wide.chainPem, `${site.chainPem}${wide.chainPem}`]) {
      expect(await nodeSays(trusted, early, 'anna.farm.localhost')).toBe('ok');
      expect(await nodeSays(trusted, late, 'anna.farm.localhost')).toBe('ok');
      expect(await opensslSays(trusted, late.chainPem, 'anna.farm.localhost')).toMatch(/: OK/);
    }
    expect(await opensslSays(site.chainPem, shop.chainPem, 'anna.shop.example')).toMatch(/permitted subtree violation/);
    // The new file takes the place of the old one: OpenSSL tries only the first of two that have one name and one key.
    expect(await nodeSays(wide.chainPem, shop, 'anna.shop.example')).toBe('ok');
  });

  it('cannot make a certificate for another domain, address or mailbox that is accepted, even with its key stolen', async () => {
    const cases = [
      { names: [{ type: 'dns', value: 'bank.example' }], host: 'bank.example' },
      {
        names: [
          { type: 'dns', value: 'farm.localhost' },
          { type: 'dns', value: 'bank.example' },
        ],
        host: 'farm.localhost',
      },
      {
        names: [
          { type: 'dns', value: 'anna.farm.localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ],
        host: 'anna.farm.localhost',
      },
      {
        names: [
          { type: 'dns', value: 'anna.farm.localhost' },
          { type: 'email', value: 'boss@farm.localhost' },
        ],
        host: 'anna.farm.localhost',
      },
    ] as const;
    for (const { names, host } of cases) {
      const forged = await forge([...names]);
      expect(await opensslSays(site.chainPem, forged.chainPem, host)).toMatch(/permitted subtree violation|excluded subtree violation/);
      expect(await nodeSays(site.chainPem, forged, host)).toMatch(/UNSPECIFIED|SUBTREE|CERT/);
    }
  });

  it('is marked critical, has path length 0 and cannot sign for agents', async () => {
    await writeFile(join(folder, 'site.pem'), site.chainPem);
    const { stdout } = await run('openssl', ['x509', '-in', join(folder, 'site.pem'), '-noout', '-text']);
    expect(stdout).toMatch(/Name Constraints: critical/);
    expect(stdout).toMatch(/CA:TRUE, pathlen:0/);
    expect(stdout).toMatch(/DNS:farm\.localhost/);
    expect(stdout).toMatch(/IP:0\.0\.0\.0\/0\.0\.0\.0/);
  });
});

describe('the agent authority', () => {
  it('gives core and agent their own URI and both usages', async () => {
    const authority = await pki.makeAgentAuthority(farmId, nowMs);
    const core = await pki.issueCore(authority, farmId, 3, nowMs);
    const leaf = new X509Certificate(core.chainPem);
    const root = new X509Certificate(authority.chainPem);
    expect(leaf.subjectAltName).toBe(`URI:farmstead://${farmId}/core/3`);
    expect(leaf.verify(root.publicKey) && leaf.checkIssued(root) && !leaf.ca).toBe(true);
    expect([...(leaf.keyUsage ?? [])].sort()).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(createPublicKey(core.keyPem).equals(leaf.publicKey)).toBe(true);
  });

  it('refuses requests that do not prove the key, and broken ones', async () => {
    const authority = await pki.makeAgentAuthority(farmId, nowMs);
    const keyFile = join(folder, 'agent.key');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { stdout: requestPem } = await run('openssl', ['req', '-new', '-key', keyFile, '-subj', '/CN=root of all']);
    const issued = await pki.issueAgent(authority, farmId, 'a-server', requestPem, nowMs);
    expect(new X509Certificate(issued.chainPem).subjectAltName).toBe(`URI:farmstead://${farmId}/agent/a-server`);
    expect(new X509Certificate(issued.chainPem).subject).not.toMatch(/root of all/);

    const der = Buffer.from(requestPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.length - 3] = (der[der.length - 3] ?? 0) ^ 0xff;
    const tampered = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    for (const bad of [tampered, 'nothing', '']) {
      await expect(pki.issueAgent(authority, farmId, 'a-server', bad, nowMs)).rejects.toMatchObject({ code: 'CERTIFICATE_INVALID' });
    }
  });

  it('signs text so that its public key verifies it', async () => {
    const authority = await pki.makeAgentAuthority(farmId, nowMs);
    const signature = Buffer.from(await pki.sign(authority.keyPem, 'farmstead-manifest'), 'base64');
    const { publicKey } = new X509Certificate(authority.chainPem);
    expect(verify('sha256', Buffer.from('farmstead-manifest'), publicKey, signature)).toBe(true);
    expect(verify('sha256', Buffer.from('farmstead-manifesT'), publicKey, signature)).toBe(false);
    await expect(keyFromPem('nothing')).rejects.toMatchObject({ code: 'CERTIFICATE_INVALID' });
  });
});
