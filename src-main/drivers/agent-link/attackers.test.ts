import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseCode } from '#contract/agent/pairing.ts';
import { startRelay } from './fixtures/relay.ts';
import { askUpgrade, startImpostor } from './fixtures/strangers.ts';
import { startTestAgent, type TestAgent } from './fixtures/test-agent.ts';
import { errorOf, makeFarm, makeLinks, type TestFarm } from './fixtures/test-farm.ts';
import { createPki } from '../pki/create-pki.ts';
import { makeCertificateRequest } from '../../../agent/link/der.ts';

let farm: TestFarm;
const links = makeLinks();
const pki = createPki();
const undo: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  farm = await makeFarm();
});
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act();
});

async function start(): Promise<TestAgent> {
  const agent = await startTestAgent();
  undo.push(agent.dispose);
  return agent;
}
const stateOf = (agent: TestAgent): Promise<string> => readFile(join(agent.folder, 'link', 'pairing.json'), 'utf8');

/** A whole pairing, as somebody in the network saw it. */
async function overheard() {
  const agent = await start();
  const relay = await startRelay(agent.port);
  undo.push(relay.close);
  const code = agent.code();
  await links.pair(farm.pairRequest(relay.address, code));
  return { agent, relay, code };
}

describe('a man in the middle', () => {
  it('with a key of his own is sent nothing: not the code, not even the request to pair', async () => {
    const agent = await start();
    const impostor = await startImpostor();
    undo.push(impostor.close);
    expect(await errorOf(links.pair(farm.pairRequest(impostor.address, agent.code())))).toMatchObject({
      code: 'CODE_INVALID',
      parameters: { reason: 'keyMismatch' },
    });
    await expect.poll(() => impostor.ended()).toBe(1);
    expect(impostor.heard()).toHaveLength(0);
    expect(agent.bench.logged).toEqual([]);
  });

  it('is sent nothing on the kept link either, whatever certificate he shows', async () => {
    const agent = await start();
    await links.pair(farm.pairRequest(agent.address, agent.code()));
    const site = await pki.makeSiteAuthority(farm.id, 'Farm', ['farm.localhost'], Date.now());
    const wildcard = await pki.issueWildcard(site, 'farm.localhost', Date.now());
    const core = farm.identity;
    // The right authority, the right server, and still not the key that was pinned.
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const twin = await pki.issueAgent(farm.authority, farm.id, 'server-1', makeCertificateRequest(privateKey), Date.now());
    const shown = [
      undefined,
      { key: wildcard.keyPem, cert: wildcard.chainPem },
      { key: core.keyPem, cert: core.chainPem },
      { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert: twin.chainPem },
    ];
    for (const own of shown) {
      const impostor = await startImpostor(own);
      const target = { serverId: 'server-1', serverName: 'Oak', address: impostor.address, keyFingerprint: agent.keyFingerprint };
      const link = links.open(farm.identity, target);
      expect(await errorOf(link.ready(5_000))).toMatchObject({ code: 'SERVER_UNREACHABLE', parameters: { cause: 'identity' } });
      await link.close();
      expect(impostor.heard()).toHaveLength(0);
      await impostor.close();
    }
  });
});

describe('who overheard a whole pairing', () => {
  it('cannot replay it: the agent does not even notice a conversation', async () => {
    const { agent, relay } = await overheard();
    const [before, logged] = [await stateOf(agent), agent.bench.logged.length];
    const replayed = connect({ host: '127.0.0.1', port: agent.port });
    replayed.on('error', () => {});
    replayed.write(relay.toAgent());
    await new Promise((resolve) => replayed.on('close', resolve).resume());
    expect(await stateOf(agent)).toBe(before);
    expect(agent.bench.logged).toHaveLength(logged);
  });

  it('has nothing to try codes against: no byte of the secret or of a hash of it, and after the hellos only ciphertext', async () => {
    const { relay, code } = await overheard();
    const secret = Buffer.from(parseCode(code)?.secret ?? []);
    const hex = secret.toString('hex');
    const derived = [secret, Buffer.from(hex), Buffer.from(code), Buffer.from(code.replaceAll('-', ''))].flatMap((form) => [
      form,
      ...['sha1', 'sha256', 'sha384', 'sha512'].map((name) => createHash(name).update(form).digest()),
      createHmac('sha256', form).update('').digest(),
    ]);
    for (const form of derived) {
      for (const shown of [form, Buffer.from(form.toString('hex')), Buffer.from(form.toString('base64'))]) {
        expect(relay.seen().includes(shown)).toBe(false);
      }
    }
    // TLS 1.3 (RFC 8446 §5): one ClientHello and then, from the client, nothing but change_cipher_spec (20) and encrypted records (23).
    const records = tlsRecords(relay.toAgent());
    expect(records[0]?.type).toBe(22);
    expect(records.length).toBeGreaterThan(4);
    expect(new Set(records.slice(1).map(({ type }) => type))).toEqual(new Set([20, 23]));
    for (const word of ['prove', 'offer', 'farm-pair', farm.id, 'BEGIN', 'GET ']) expect(relay.seen().includes(word)).toBe(false);
  });
});

describe('a stranger at the agent’s listener', () => {
  it('The edge’s key cannot open the agent link', async () => {
    const agent = await start();
    await links.pair(farm.pairRequest(agent.address, agent.code()));
    const site = await pki.makeSiteAuthority(farm.id, 'Farm', ['farm.localhost'], Date.now());
    const edge = await pki.issueWildcard(site, 'farm.localhost', Date.now());
    // The site authority's key in hostile hands: it signs a certificate with a core's name in it.
    const forged = await pki.issueCore(site, farm.id, 9, Date.now());
    const foreign = (await makeFarm('0198c0de-0000-7000-8000-00000000000c')).identity;
    // Another agent of the same farm is no core.
    const spare = await start();
    await links.pair(farm.pairRequest(spare.address, spare.code(), 'server-2'));
    const sibling = { keyPem: await readFile(join(spare.folder, 'link', 'key.pem'), 'utf8'), chainPem: spare.identity()?.chainPem ?? '' };
    for (const own of [edge, forged, foreign, site, sibling]) {
      const answer = await askUpgrade(agent.port, '/link', 'farm-agent.1', { key: own.keyPem, cert: own.chainPem });
      expect(answer).toMatch(/^HTTP\/1\.1 403 [\s\S]*\r\n\r\n$/);
    }
    expect(await askUpgrade(agent.port, '/link', 'farm-agent.1')).toMatch(/^HTTP\/1\.1 403 [\s\S]*\r\n\r\n$/);
    const ours = { key: farm.identity.keyPem, cert: farm.identity.chainPem };
    expect(await askUpgrade(agent.port, '/link', 'farm-agent.1', ours)).toMatch(/^HTTP\/1\.1 101 /);
    expect(await askUpgrade(agent.port, '/link', 'farm-agent.9', ours)).toMatch(/"AGENT_TOO_OLD"/);
    expect(await askUpgrade(agent.port, '/', 'farm-agent.1', ours)).toMatch(/^HTTP\/1\.1 403 /);
    expect(agent.identity()).toMatchObject({ highestEpoch: 1, isConfirmed: false });
  });

  it('is refused before the agent belongs to any farm', async () => {
    const agent = await start();
    const ours = { key: farm.identity.keyPem, cert: farm.identity.chainPem };
    expect(await askUpgrade(agent.port, '/link', 'farm-agent.1', ours)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('can hold all places at the listener, which is said as what it is, until they are free', async () => {
    const agent = await start();
    const code = agent.code();
    const idle = Array.from(
      { length: 8 },
      // an address has a few places only
      (_, at) =>
        new WebSocket(`wss://${agent.address}/pair`, ['farm-pair.1'], {
          rejectUnauthorized: false,
          localAddress: `127.0.0.${2 + Math.floor(at / 2)}`,
        }),
    );
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.on('open', resolve))));
    expect(await errorOf(links.pair(farm.pairRequest(agent.address, code)))).toMatchObject({ parameters: { cause: 'closed' } });
    for (const socket of idle) socket.close();
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.on('close', resolve))));
    await links.pair(farm.pairRequest(agent.address, code));
  });

  it('cannot disturb it with broken, large or many messages', async () => {
    const agent = await start();
    const code = agent.code();
    const noise = [
      '',
      '{',
      'null',
      '[]',
      '{"say":"prove"}',
      '{"say":"refused","code":"NOPE","parameters":{}}',
      'x'.repeat(100_000),
      Buffer.alloc(9),
    ];
    for (const message of [...noise, ...noise]) {
      const socket = new WebSocket(`wss://127.0.0.1:${agent.port}/pair`, ['farm-pair.1'], { rejectUnauthorized: false });
      socket.on('error', () => {});
      socket.on('open', () => {
        for (let time = 0; time < 10; time += 1) socket.send(message, () => {});
      });
      await new Promise((resolve) => socket.on('close', resolve));
    }
    await links.pair(farm.pairRequest(agent.address, code));
    expect(agent.bench.logged.filter(({ event }) => event === 'bug')).toEqual([]);
  });
});

function tlsRecords(bytes: Buffer): { type: number }[] {
  const found: { type: number }[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) found.push({ type: bytes.readUInt8(at) });
  return found;
}
