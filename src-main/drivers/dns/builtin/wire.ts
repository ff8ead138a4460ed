import packet, { type Answer, type DecodedPacket, type OptAnswer, type Packet, type Question } from 'dns-packet';
import type { RecordSet } from '../../../model/domains/dns-records.ts';
import { answerQuestion } from './answer.ts';
import type { ZoneIndex } from './zone-index.ts';

/** RFC 1035 §4.1.1, RFC 6891 §9. */
const rcodes = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;
const headerOctets = 12;
/** What we accept and send by UDP at most: the size that passes everywhere (DNS flag day 2020). */
const ednsOctets = 1232;
const plainOctets = 512;
const responseFlag = 0x8000;

export type Transport = 'udp' | 'tcp';

/** The answer to one message, or undefined when silence is right (not a question, or too short to answer). */
export function answerMessage(message: Buffer, zones: ReadonlyMap<string, ZoneIndex>, transport: Transport): Buffer | undefined {
  if (message.length < headerOctets || (message.readUInt16BE(2) & responseFlag) !== 0) return undefined;
  const opcode = (message.readUInt16BE(2) >> 11) & 15;
  if (opcode !== 0) return bareHeader(message, rcodes.NOTIMP);
  const query = decode(message);
  const question = query?.questions?.[0];
  if (query === undefined || question === undefined || query.questions?.length !== 1 || !isEchoable(question, message)) {
    return bareHeader(message, rcodes.FORMERR);
  }
  const options = (query.additionals ?? []).filter((record): record is OptAnswer => record.type === 'OPT');
  if (options.length > 1) return bareHeader(message, rcodes.FORMERR);
  const option = options[0];
  if (option !== undefined && option.ednsVersion > 0) return packet.encode(respond(query, question, rcodes.BADVERS, {}, option));
  const answer = packet.encode(answerPacket(query, question, option, zones));
  const limit = transport === 'tcp' ? 65_535 : Math.min(ednsOctets, Math.max(plainOctets, option?.udpPayloadSize ?? plainOctets));
  if (answer.length <= limit) return answer;
  return packet.encode(
    respond(query, question, rcodes.NOERROR, { flags: packet.AUTHORITATIVE_ANSWER | packet.TRUNCATED_RESPONSE }, option),
  );
}

/** What two answers have in common that tell the asker the same: name and type of what is there, and of all that is not only that it is not. */
export function alikeOf(answer: Buffer): string {
  const code = answer.readUInt16BE(2) & 15;
  return code === rcodes.NOERROR ? answer.subarray(headerOctets, endOfQuestion(answer)).toString('latin1').toLowerCase() : `rcode ${code}`;
}

/** The answer without what it tells: the asker is to come by TCP (RFC 2181 §9). */
export function truncated(answer: Buffer): Buffer {
  const short = Buffer.from(answer.subarray(0, endOfQuestion(answer)));
  short.writeUInt16BE(short.readUInt16BE(2) | packet.TRUNCATED_RESPONSE, 2);
  short.fill(0, 6, headerOctets);
  return short;
}

/** Our own answers hold one question, or none. */
function endOfQuestion(answer: Buffer): number {
  if (answer.readUInt16BE(4) === 0) return headerOctets;
  let at = headerOctets;
  while (at < answer.length && answer.readUInt8(at) !== 0) at += 1 + answer.readUInt8(at);
  return Math.min(answer.length, at + 5);
}

function decode(message: Buffer): DecodedPacket | undefined {
  try {
    return packet.decode(message);
  } catch {
    return undefined;
  }
}

/** The library reads labels as UTF-8: a name whose octets would not come back the same is nobody's name here. */
function isEchoable(question: Question, message: Buffer): boolean {
  const encoded = packet.encode({ questions: [question] }).subarray(headerOctets);
  return encoded.equals(message.subarray(headerOctets, headerOctets + encoded.length));
}

function answerPacket(
  query: DecodedPacket,
  question: Question,
  option: OptAnswer | undefined,
  zones: ReadonlyMap<string, ZoneIndex>,
): Packet {
  const type: string = question.type;
  if ((question.class ?? 'IN') !== 'IN' || type === 'AXFR' || type === 'IXFR') return respond(query, question, rcodes.REFUSED, {}, option);
  const answer = answerQuestion(zones, question.name, type);
  const sections = {
    flags: answer.isAuthoritative ? packet.AUTHORITATIVE_ANSWER : 0,
    answers: answer.answers.flatMap(toWire),
    authorities: answer.authorities.flatMap(toWire),
  };
  return respond(query, question, rcodes[answer.rcode], sections, option);
}

function respond(query: DecodedPacket, question: Question, rcode: number, sections: Packet, option: OptAnswer | undefined): Packet {
  const recursionDesired = query.flag_rd ? packet.RECURSION_DESIRED : 0;
  const additionals: Answer[] = [];
  if (option !== undefined) {
    additionals.push({
      type: 'OPT',
      name: '.',
      udpPayloadSize: ednsOctets,
      extendedRcode: rcode >> 4,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    });
  }
  return {
    ...sections,
    type: 'response',
    id: query.id,
    flags: (sections.flags ?? 0) | recursionDesired | (rcode & 15),
    questions: [question],
    additionals,
  };
}

/** An answer to a message that could not be read: its id and opcode, and nothing else. */
function bareHeader(message: Buffer, rcode: number): Buffer {
  const header = Buffer.alloc(headerOctets);
  header.writeUInt16BE(message.readUInt16BE(0), 0);
  header.writeUInt16BE(responseFlag | (message.readUInt16BE(2) & 0x7900) | rcode, 2);
  return header;
}

function toWire(set: RecordSet): Answer[] {
  const base = { name: set.name, ttl: set.ttlSeconds, class: 'IN' as const };
  return set.values.map((value): Answer => {
    switch (set.type) {
      case 'SOA': {
        const [mname = '', rname = '', serial, refresh, retry, expire, minimum] = value.split(' ');
        const data = {
          mname,
          rname,
          serial: Number(serial),
          refresh: Number(refresh),
          retry: Number(retry),
          expire: Number(expire),
          minimum: Number(minimum),
        };
        return { ...base, type: 'SOA', data };
      }
      case 'TXT':
        return { ...base, type: 'TXT', data: splitOctets(Buffer.from(value, 'utf8')) };
      case 'AAAA':
      case 'CNAME':
      case 'NS':
        return { ...base, type: set.type, data: value };
      default:
        return { ...base, type: 'A', data: value };
    }
  });
}

function splitOctets(octets: Buffer): Buffer[] {
  const strings: Buffer[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += 255) strings.push(octets.subarray(at, at + 255));
  return strings;
}
