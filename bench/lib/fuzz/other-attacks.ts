import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import packet from 'dns-packet';
import { askByUdp, type At, type Attack, createOpener, exchange, hostText, openPlain } from './attack.ts';
import { makeTar, makeZip } from './make-archives.ts';
import { inPieces, mutate, type Random } from './random.ts';
import { nastyMessage, socketFrame } from './nasty-values.ts';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const upgrade = (path: string, protocol: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: agent\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`;

/** Messages as both sides of a pairing and a core send them. */
const pairing = [
  { say: 'prove', role: 'core', protocol: 1, secret: '0011223344' },
  { say: 'prove', role: 'agent', protocol: 99, secret: 'x' },
  { say: 'refused', code: 'CODE_INVALID', parameters: { reason: 'wrong' } },
  { say: 'offer', farmId: 'a', serverId: 'b', certificate: 'c' },
];
const calls = [
  ['/link/hello', { epoch: 1, serverId: 'server-1' }],
  ['/instances/describe', { instanceId: 'bug-not' }],
  ['/instances/log', { instanceId: 'a', lines: 10 }],
  ['/monitoring/since', { sinceMs: 0 }],
  ['/link/nothing', null],
] as const;
const callMessage = ([u, json]: (typeof calls)[number], i: string): Buffer => Buffer.from(JSON.stringify({ i, p: { u, b: { json } } }));

/** Strangers, half-paired cores and a core that has gone mad, at an agent's port. */
export function agentLink(at: At): Attack {
  const port = Number(at['port']);
  const common = { rejectUnauthorized: false, minVersion: 'TLSv1.3' } as const;
  const stranger = createOpener(port, common);
  const core = createOpener(port, { ...common, cert: hostText(at, 'cert'), key: hostText(at, 'key') });
  const heads = [latin(upgrade('/pair', 'farm-pair.1')), latin(upgrade('/link', 'farm-agent.1'))];
  const messages = [...pairing.map((one) => Buffer.from(JSON.stringify(one))), ...calls.map((call) => callMessage(call, '1'))];
  const rude = async (random: Random): Promise<void> => {
    const socket = random.chance(5) ? await openPlain(port) : await (random.chance(2) ? core : stranger)();
    if (socket !== undefined) await exchange(socket, inPieces(mutate(random.pick([...heads, ...messages]), random, heads), random));
  };
  const knowing = async (random: Random): Promise<void> => {
    const isCore = !random.chance(4);
    const socket = await (isCore ? core : stranger)();
    if (socket === undefined) return;
    const own = isCore ? messages.slice(pairing.length) : messages.slice(0, pairing.length);
    const said = [heads[isCore ? 1 : 0] ?? latin('')];
    if (isCore && !random.chance(4)) said.push(socketFrame(callMessage(calls[0], '0'), random, true));
    for (let more = 1 + random.below(4); more > 0; more -= 1) said.push(socketFrame(nastyMessage(random, own), random, !random.chance(5)));
    await exchange(socket, said);
  };
  return {
    once: (random) => (random.chance(3) ? rude(random) : knowing(random)),
    check: async () => {
      const socket = await core();
      if (socket === undefined) return 'no connection';
      const got = (await exchange(socket, [latin(upgrade('/link', 'farm-agent.1'))], true)).toString('latin1');
      return got.startsWith('HTTP/1.1 101') ? undefined : `answered ${JSON.stringify(got.slice(0, 200))}`;
    },
    close: () => undefined,
  };
}

const question = (name: string, type: string, more: object = {}): Buffer =>
  packet.encode({ type: 'query', id: 7, flags: packet.RECURSION_DESIRED, questions: [{ name, type: type as 'A' }], ...more });
const questions = [
  question('anna.farm.example', 'A'),
  question('big.farm.example', 'TXT'),
  question('alias.farm.example', 'AAAA'),
  question('farm.example', 'SOA', {
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: true, options: [] }],
  }),
  question('example.net', 'ANY'),
  latin('\0\x07\x01\0\0\x01\0\0\0\0\0\0\xc0\x0c\0\x01\0\x01'),
];

/** Messages of DNS by UDP and TCP. */
export function nameServer(at: At): Attack {
  const port = Number(at['port']);
  const framed = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  return {
    once: async (random) => {
      const bytes = mutate(random.pick(questions), random, questions).subarray(0, 65_000);
      if (!random.chance(4)) {
        await askByUdp(port, bytes, 15);
        return;
      }
      const socket = await openPlain(port);
      const stream = Buffer.concat(Array.from({ length: random.chance(20) ? 300 : 1 + random.below(4) }, () => framed(bytes)));
      if (socket !== undefined) await exchange(socket, inPieces(random.chance(4) ? mutate(stream, random, questions) : stream, random));
    },
    check: async () => {
      const answer = await askByUdp(port, questions[0] ?? latin(''), 20_000);
      return answer === undefined || packet.decode(answer).answers?.length !== 1 ? 'no answer' : undefined;
    },
    close: () => undefined,
  };
}

type Tell = (ask: unknown) => Promise<string>;

/** Archives as a package brings them: well made, then changed before and after compression. */
export async function archives(at: At, tell: Tell): Promise<Attack> {
  const folder = hostText(at, 'folder');
  const tars = await Promise.all([1, 2, 3].map((kind) => makeTar(kind)));
  const zips = [1, 2, 3].map((kind) => makeZip(kind));
  let number = 0;
  const lay = async (kind: 'zip' | 'tar', bytes: Buffer): Promise<string> => {
    number += 1;
    const path = join(folder, `${kind}-${number % 8}`);
    writeFileSync(path, bytes);
    return tell({ kind, path });
  };
  return {
    once: async (random) => {
      if (random.chance(2)) {
        await lay('zip', mutate(random.pick(zips), random, zips));
        return;
      }
      const tar = mutate(random.pick(tars), random, tars);
      const packed = gzipSync(tar, { level: 1 });
      await lay('tar', random.chance(4) ? mutate(packed, random, tars) : packed);
    },
    check: async () => {
      const [tar, zip] = [await lay('tar', gzipSync(tars[0] ?? randomBytes(1))), await lay('zip', zips[0] ?? randomBytes(1))];
      return tar === 'taken' && zip === 'taken' ? undefined : `tar ${tar}, zip ${zip}`;
    },
    close: () => undefined,
  };
}
