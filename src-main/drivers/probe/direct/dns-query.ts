import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import packet, { type DecodedPacket } from 'dns-packet';
import type { NameServerAddress } from '../../../ports/probe.ts';
import { settle } from './settle.ts';

/** RFC 1035 §4.2.1 leaves the interval to the asker. */
const repeatMs = 1000;
const ednsOctets = 1232;

export type DnsQuestion = { readonly server: NameServerAddress; readonly name: string; readonly type: 'A' | 'AAAA' };

/**
 * One question to one server, repeated until it answers or the signal ends it; by TCP when the answer does not fit UDP.
 * Rejects with the socket's error or the signal's reason.
 */
export async function askServer(question: DnsQuestion, signal: AbortSignal): Promise<DecodedPacket> {
  const id = randomInt(0x10000);
  const message = packet.encode({
    type: 'query',
    id,
    questions: [{ name: question.name, type: question.type }],
    additionals: [
      { type: 'OPT', name: '.', udpPayloadSize: ednsOctets, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
    ],
  });
  const read = (answer: Buffer): DecodedPacket | undefined => readAnswer(answer, id, question);
  const answer = await askByUdp(question.server, message, read, signal);
  return answer.flag_tc ? askByTcp(question.server, message, read, signal) : answer;
}

/** Only an answer to this very question counts: a stray or forged packet is no answer. */
function readAnswer(message: Buffer, id: number, question: DnsQuestion): DecodedPacket | undefined {
  try {
    const answer = packet.decode(message);
    const echoed = answer.questions?.[0];
    const isOurs =
      answer.flag_qr &&
      answer.id === id &&
      (echoed === undefined || (echoed.type === question.type && echoed.name.toLowerCase() === question.name));
    return isOurs ? answer : undefined;
  } catch {
    return undefined;
  }
}

type Read = (message: Buffer) => DecodedPacket | undefined;

function askByUdp(server: NameServerAddress, message: Buffer, read: Read, signal: AbortSignal): Promise<DecodedPacket> {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  let repeat: NodeJS.Timeout | undefined;
  return settle<DecodedPacket>(
    signal,
    (resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data) => {
        const answer = read(data);
        if (answer !== undefined) resolve(answer);
      });
      // connected: packets from elsewhere are dropped by the system, and a closed port is told
      socket.connect(server.port, server.address, () => {
        const send = (): void => socket.send(message, (error) => (error === null ? undefined : reject(error)));
        send();
        repeat = setInterval(send, repeatMs);
      });
    },
    () => {
      clearInterval(repeat);
      socket.close();
    },
  );
}

function askByTcp(server: NameServerAddress, message: Buffer, read: Read, signal: AbortSignal): Promise<DecodedPacket> {
  const socket = connect(server.port, server.address);
  let waiting: Buffer = Buffer.alloc(0);
  return settle<DecodedPacket>(
    signal,
    (resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', () => reject(Object.assign(new Error('closed'), { code: 'closed' })));
      socket.on('data', (data) => {
        waiting = Buffer.concat([waiting, data]);
        if (waiting.length < 2 || waiting.length < 2 + waiting.readUInt16BE(0)) return;
        const answer = read(waiting.subarray(2, 2 + waiting.readUInt16BE(0)));
        if (answer === undefined) reject(Object.assign(new Error('unreadable'), { code: 'unreadable' }));
        else resolve(answer);
      });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    },
    () => socket.destroy(),
  );
}
