import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import packet from 'dns-packet';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createManualClock } from '../../../testing/manual-clock.ts';
import { type NameServer, startNameServer } from './name-server.ts';
import { createResponseRate, isLoopback, networkOf, responseRate } from './response-rate.ts';
import { tcpLimits } from './tcp-connections.ts';
import { indexZone } from './zone-index.ts';

const big = { name: 'big.farm.example', type: 'TXT', ttlSeconds: 60, values: ['x'.repeat(4000)] } as const;
const anna = { name: 'anna.farm.example', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] } as const;
const zones = new Map([['farm.example', indexZone({ name: 'farm.example', serial: 1, records: [big, anna] }, '127.0.0.1')]]);
let looks = 0;
let server: NameServer;
const sockets: Socket[] = [];
beforeAll(async () => {
  server = await startNameServer({
    address: '127.0.0.1',
    port: 0,
    zones: () => {
      looks += 1;
      return zones;
    },
  });
});
afterAll(() => server.close());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const framed = (name: string, type: 'A' | 'TXT'): Buffer => packet.streamEncode({ type: 'query', id: 9, questions: [{ name, type }] });
async function open(localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: server.port, localAddress });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}
async function askByTcp(localAddress?: string): Promise<number> {
  const socket = await open(localAddress);
  socket.write(framed('anna.farm.example', 'A'));
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return packet.streamDecode(answer)?.answers?.length ?? 0;
}

describe('by TCP', () => {
  test('who asks and does not read is answered no more than fits, and others meanwhile', async () => {
    looks = 0;
    const questions = Buffer.concat(Array.from({ length: 2000 }, () => framed('big.farm.example', 'TXT')));
    for (let asker = 0; asker < 4; asker += 1) {
      const socket = await open();
      socket.pause();
      for (let time = 0; time < 5; time += 1) socket.write(questions);
    }
    expect(await askByTcp('127.0.1.1')).toBe(1);
    await expect.poll(() => looks).toBeGreaterThan(4 * 10);
    // 40,000 questions of 4 kB each were asked; the kernel's buffers and ours hold some megabytes
    let before = -1;
    await expect
      .poll(
        () => {
          const isStill = looks === before;
          before = looks;
          return isStill;
        },
        { interval: 300, timeout: 10_000 },
      )
      .toBe(true);
    expect(looks).toBeLessThan(20_000);
    expect(await askByTcp('127.0.1.1')).toBe(1);
  }, 30_000);

  test('a few questions of a connection are answered a turn, and all in the end', async () => {
    const socket = await open();
    const most = 500;
    looks = 0;
    const perTurn: number[] = [];
    let before = 0;
    let isOver = false;
    const watch = (): void => {
      perTurn.push(looks - before);
      before = looks;
      if (!isOver) setImmediate(watch);
    };
    setImmediate(watch);
    let answers = 0;
    let got = Buffer.alloc(0);
    const all = new Promise<void>((resolve) => {
      socket.on('data', (data) => {
        got = Buffer.concat([got, data]);
        while (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) {
          got = got.subarray(2 + got.readUInt16BE(0));
          answers += 1;
        }
        if (answers === most) resolve();
      });
    });
    socket.write(Buffer.concat(Array.from({ length: most }, () => framed('anna.farm.example', 'A'))));
    await all;
    isOver = true;
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(tcpLimits.questionsATurn);
    expect(looks).toBe(most);
  });

  test('a hundred silent connections of one network keep nobody out', async () => {
    const silent = await Promise.all(Array.from({ length: 150 }, () => open('127.0.2.7')));
    expect(await askByTcp('127.0.2.8')).toBe(1);
    expect(await askByTcp('127.0.3.1')).toBe(1);
    await expect.poll(() => silent.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(tcpLimits.mostPerNetwork);
  });

  test('silent connections of many networks keep nobody out', async () => {
    const silent: Socket[] = [];
    for (let network = 10; network < 40; network += 1)
      silent.push(...(await Promise.all(Array.from({ length: tcpLimits.mostPerNetwork }, () => open(`127.0.${network}.1`)))));
    expect(await askByTcp('127.0.3.1')).toBe(1);
    await expect.poll(() => silent.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(tcpLimits.mostConnections);
  });
});

describe('by UDP', () => {
  test('a network that asks the same again and again gets few answers, and the word to come by TCP', async () => {
    const clock = createManualClock();
    const strict = await startNameServer({
      address: '127.0.0.1',
      port: 0,
      zones: () => zones,
      rate: createResponseRate(clock.nowMs, () => false),
    });
    const socket = createSocket('udp4');
    const got = { whole: 0, cut: 0 };
    socket.on('message', (message) => {
      const { flag_tc: isCut, answers } = packet.decode(message);
      if (isCut && answers?.length === 0) got.cut += 1;
      else got.whole += 1;
    });
    const question = packet.encode({ type: 'query', id: 9, questions: [{ name: 'anna.farm.example', type: 'A' }] });
    for (let time = 0; time < 100; time += 1) {
      socket.send(question, strict.port, '127.0.0.1');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => got).toEqual({ whole: responseRate.alikeASecond, cut: (100 - responseRate.alikeASecond) / 2 });
    clock.advance(1000);
    socket.send(question, strict.port, '127.0.0.1');
    await expect.poll(() => got.whole).toBe(responseRate.alikeASecond + 1);
    socket.close();
    await strict.close();
  });

  test('a network gets so many answers in all, whatever it asks and whichever of its addresses asks', () => {
    const clock = createManualClock();
    const rate = createResponseRate(clock.nowMs);
    const sent = Array.from({ length: 2000 }, (_, at) => rate(`192.0.2.${at % 256}`, `name-${at}`)).filter((each) => each === 'send');
    expect(sent).toHaveLength(responseRate.allASecond);
    expect(rate('198.51.100.1', 'name-1')).toBe('send');
    clock.advance(1000);
    expect(rate('192.0.2.9', 'name-1')).toBe('send');
  });

  test('a flood under made-up addresses does not fill our memory', () => {
    const clock = createManualClock();
    const rate = createResponseRate(clock.nowMs);
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < 200_000; at += 1) rate(`${1 + (at % 100)}.${(at >> 8) % 256}.${at % 256}.1`, `name-${at}`);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60_000_000);
    expect(rate('203.0.113.1', 'x')).toBe('send');
  });

  test('this computer is not limited, and no other is', () => {
    const rate = createResponseRate(createManualClock().nowMs);
    expect(new Set(Array.from({ length: 1000 }, () => rate('127.0.0.1', 'x')))).toEqual(new Set(['send']));
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1'].map(isLoopback)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test.each([
    ['192.0.2.77', '192.0.2'],
    ['::ffff:192.0.2.77', '192.0.2'],
    ['2001:db8:1:2ff::1', '20010db8000102'],
    ['2001:db8:1:200:9:9:9:9', '20010db8000102'],
  ])('%s is of the network %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
