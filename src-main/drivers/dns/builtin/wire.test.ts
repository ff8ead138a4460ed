import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import packet, { type DecodedPacket, type Packet, type RecordType } from 'dns-packet';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordSet } from '../../../model/domains/dns-records.ts';
import { type NameServer, startNameServer } from './name-server.ts';
import { answerMessage } from './wire.ts';
import { indexZone } from './zone-index.ts';

const set = (name: string, type: string, values: string[]): RecordSet => ({ name, type, ttlSeconds: 60, values });
const zone = {
  name: 'farm.example',
  serial: 7,
  records: [
    set('anna.farm.example', 'A', ['192.0.2.1']),
    set('alias.farm.example', 'CNAME', ['anna.farm.example']),
    set('dangling.farm.example', 'CNAME', ['nobody.below.farm.example']),
    set('away.farm.example', 'CNAME', ['www.example.net']),
    set('loop.farm.example', 'CNAME', ['pool.farm.example']),
    set('pool.farm.example', 'CNAME', ['loop.farm.example']),
    set('*.wild.farm.example', 'A', ['192.0.2.2']),
    set('x.y.wild.farm.example', 'A', ['192.0.2.3']),
    set('big.farm.example', 'TXT', ['x'.repeat(700)]),
    set('huge.farm.example', 'TXT', ['y'.repeat(2000)]),
  ],
};
const zones = new Map([[zone.name, indexZone(zone, '127.0.0.1')]]);
const opt = (udpPayloadSize: number, ednsVersion = 0): NonNullable<Packet['additionals']> => [
  { type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion, flags: 0, flag_do: false, options: [] },
];

function ask(name: string, type: RecordType | 'ANY', extra: Packet = {}, transport: 'udp' | 'tcp' = 'udp'): DecodedPacket {
  const question = packet.encode({ type: 'query', id: 4711, questions: [{ name, type: type as RecordType }], ...extra });
  const answer = answerMessage(question, zones, transport);
  if (answer === undefined) throw new Error('no answer');
  return packet.decode(answer);
}
const rcode = (answer: DecodedPacket): number => (answer.flags ?? 0) & 15;
const shape = (records: Packet['answers']): string[] =>
  (records ?? []).map((record) =>
    `${record.name} ${record.type} ${'data' in record && typeof record.data === 'string' ? record.data : ''}`.trim(),
  );

describe('answers', () => {
  test.each<[string, RecordType, number, string[], string[]]>([
    ['anna.farm.example', 'A', 0, ['anna.farm.example A 192.0.2.1'], []],
    ['anna.farm.example', 'AAAA', 0, [], ['farm.example SOA']],
    ['nobody.farm.example', 'A', 3, [], ['farm.example SOA']],
    ['farm.example', 'NS', 0, ['farm.example NS ns1.farm.example'], []],
    ['ns1.farm.example', 'A', 0, ['ns1.farm.example A 127.0.0.1'], []],
    ['alias.farm.example', 'A', 0, ['alias.farm.example CNAME anna.farm.example', 'anna.farm.example A 192.0.2.1'], []],
    ['alias.farm.example', 'CNAME', 0, ['alias.farm.example CNAME anna.farm.example'], []],
    ['alias.farm.example', 'TXT', 0, ['alias.farm.example CNAME anna.farm.example'], ['farm.example SOA']],
    ['dangling.farm.example', 'A', 3, ['dangling.farm.example CNAME nobody.below.farm.example'], ['farm.example SOA']],
    ['away.farm.example', 'A', 0, ['away.farm.example CNAME www.example.net'], []],
    ['loop.farm.example', 'A', 0, ['loop.farm.example CNAME pool.farm.example', 'pool.farm.example CNAME loop.farm.example'], []],
    // RFC 4592: the wildcard covers any depth, but not what exists, nor what is below what exists
    ['a.wild.farm.example', 'A', 0, ['a.wild.farm.example A 192.0.2.2'], []],
    ['a.b.wild.farm.example', 'A', 0, ['a.b.wild.farm.example A 192.0.2.2'], []],
    ['a.wild.farm.example', 'TXT', 0, [], ['farm.example SOA']],
    ['y.wild.farm.example', 'A', 0, [], ['farm.example SOA']],
    ['z.y.wild.farm.example', 'A', 3, [], ['farm.example SOA']],
    ['wild.farm.example', 'A', 0, [], ['farm.example SOA']],
    ['*.wild.farm.example', 'A', 0, ['*.wild.farm.example A 192.0.2.2'], []],
  ])('%s %s', (name, type, code, answers, authorities) => {
    const answer = ask(name, type);
    expect([rcode(answer), answer.flag_aa, answer.flag_tc, answer.id]).toEqual([code, true, false, 4711]);
    expect(shape(answer.answers)).toEqual(answers);
    expect(shape(answer.authorities)).toEqual(authorities);
  });

  test('a negative answer is kept no longer than the SOA says (RFC 2308)', () => {
    expect(ask('nobody.farm.example', 'A').authorities?.[0]).toMatchObject({
      type: 'SOA',
      ttl: 5,
      data: { serial: 7, minimum: 5, mname: 'ns1.farm.example' },
    });
  });

  test('the asker’s letters are kept in question and answer', () => {
    const answer = ask('AnNa.Farm.EXAMPLE', 'A');
    expect(answer.questions?.[0]?.name).toBe('AnNa.Farm.EXAMPLE');
    expect(shape(answer.answers)).toEqual(['AnNa.Farm.EXAMPLE A 192.0.2.1']);
  });

  test.each(['example.net', 'notfarm.example', 'example', '.'])('%s is not ours: REFUSED', (name) => {
    const answer = ask(name, 'A');
    expect([rcode(answer), answer.flag_aa, shape(answer.answers)]).toEqual([5, false, []]);
  });

  test('transfers and other classes are refused', () => {
    expect(rcode(ask('farm.example', 'AXFR'))).toBe(5);
    expect(rcode(ask('farm.example', 'TXT', { questions: [{ name: 'farm.example', type: 'TXT', class: 'CH' }] }))).toBe(5);
  });

  test('ANY tells one thing that stands at the name, and not all (RFC 8482)', () => {
    for (const transport of ['udp', 'tcp'] as const)
      expect(shape(ask('farm.example', 'ANY', {}, transport).answers)).toEqual(['farm.example SOA']);
  });

  test('recursion is not offered, and the bit that asks for it is echoed', () => {
    const answer = ask('anna.farm.example', 'A', { flags: packet.RECURSION_DESIRED });
    expect([answer.flag_rd, answer.flag_ra]).toEqual([true, false]);
  });
});

describe('sizes', () => {
  test('what does not fit is cut by the flag, and comes whole by TCP', () => {
    const cut = ask('big.farm.example', 'TXT');
    expect([cut.flag_tc, cut.answers]).toEqual([true, []]);
    expect(ask('big.farm.example', 'TXT', {}, 'tcp').answers?.length).toBe(1);
  });
  test('EDNS raises the limit, up to ours, and is answered in kind', () => {
    const fits = ask('big.farm.example', 'TXT', { additionals: opt(4096) });
    expect([fits.flag_tc, fits.answers?.length]).toEqual([false, 1]);
    expect(fits.additionals?.[0]).toMatchObject({ type: 'OPT', udpPayloadSize: 1232, ednsVersion: 0 });
    expect(ask('huge.farm.example', 'TXT', { additionals: opt(4096) }).flag_tc).toBe(true);
    expect(ask('anna.farm.example', 'A', { additionals: opt(100) }).answers?.length).toBe(1);
    expect(ask('anna.farm.example', 'A').additionals).toEqual([]);
  });
  test('an EDNS version that we do not speak is BADVERS', () => {
    const answer = ask('anna.farm.example', 'A', { additionals: opt(1232, 1) });
    expect([rcode(answer), answer.additionals?.[0]]).toEqual([0, expect.objectContaining({ extendedRcode: 1 })]);
  });
});

describe('bad messages', () => {
  const question = packet.encode({ type: 'query', id: 4711, questions: [{ name: 'anna.farm.example', type: 'A' }] });
  test('an answer or a scrap gets silence', () => {
    expect(
      answerMessage(packet.encode({ type: 'response', id: 1, questions: [{ name: 'anna.farm.example', type: 'A' }] }), zones, 'udp'),
    ).toBeUndefined();
    expect(answerMessage(question.subarray(0, 11), zones, 'udp')).toBeUndefined();
  });
  test.each<[string, Buffer, number]>([
    ['cut', question.subarray(0, 20), 1],
    ['without a question', packet.encode({ type: 'query', id: 4711, questions: [] }), 1],
    [
      'with two',
      packet.encode({ type: 'query', id: 4711, questions: [1, 2].map(() => ({ name: 'anna.farm.example', type: 'A' as const })) }),
      1,
    ],
    [
      'with two OPT',
      packet.encode({
        type: 'query',
        id: 4711,
        questions: [{ name: 'anna.farm.example', type: 'A' }],
        additionals: [...opt(512), ...opt(512)],
      }),
      1,
    ],
    [
      'of another opcode',
      packet.encode({ type: 'query', id: 4711, flags: 5 << 11, questions: [{ name: 'anna.farm.example', type: 'A' }] }),
      4,
    ],
    ['with octets that are no text', Buffer.concat([question.subarray(0, 13), Buffer.from([0xff]), question.subarray(14)]), 1],
  ])('a message %s gets its code and id', (_what, message, code) => {
    const answer = answerMessage(message, zones, 'udp');
    expect([answer?.readUInt16BE(0), (answer?.[3] ?? 0) & 15, (answer?.[2] ?? 0) >> 7]).toEqual([4711, code, 1]);
  });
  test('whatever comes, nothing breaks and nothing grows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), fc.nat({ max: 40 }), (noise, isMixed, at) => {
        const message = isMixed ? Buffer.concat([question.subarray(0, at), noise]) : Buffer.from(noise);
        expect(answerMessage(message, zones, 'udp')?.length ?? 0).toBeLessThanOrEqual(1232);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('on the network', () => {
  let server: NameServer;
  beforeAll(async () => {
    server = await startNameServer({ address: '127.0.0.1', port: 0, zones: () => zones });
  });
  afterAll(() => server.close());
  const question = packet.encode({ type: 'query', id: 9, questions: [{ name: 'anna.farm.example', type: 'A' }] });

  test('UDP', async () => {
    const socket = createSocket('udp4');
    const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve));
    socket.send(question, server.port, '127.0.0.1');
    expect(shape(packet.decode(await answer).answers)).toEqual(['anna.farm.example A 192.0.2.1']);
    socket.close();
  });

  test('TCP: several questions, in pieces, on one connection', async () => {
    const framed = Buffer.concat([Buffer.from([0, question.length]), question]);
    const socket = connect(server.port, '127.0.0.1');
    let got: Buffer = Buffer.alloc(0);
    const two = new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('data', (data) => {
        got = Buffer.concat([got, data]);
        if (got.length >= 2 * (2 + got.readUInt16BE(0))) resolve();
      });
    });
    socket.write(framed.subarray(0, 1));
    socket.write(Buffer.concat([framed.subarray(1), framed]));
    await two;
    socket.destroy();
    expect(shape(packet.decode(got.subarray(2, 2 + got.readUInt16BE(0))).answers)).toEqual(['anna.farm.example A 192.0.2.1']);
  });

  test('closing ends open connections and may be done twice', async () => {
    const other = await startNameServer({ address: '127.0.0.1', port: 0, zones: () => zones });
    const socket = connect(other.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([other.close(), other.close()]);
    await closed;
  });
});
