import { mutate, type Random } from './random.ts';

const nastyTexts = [
  ...[
    '',
    ' ',
    '\0',
    '\ud800',
    '\u202eabc',
    'a'.repeat(300),
    'x'.repeat(20_000),
    '__proto__',
    'constructor',
    '../../etc/passwd',
    '<b>',
    '%00',
  ],
  ...[
    'anna',
    'farm.test',
    'anna.farm.test',
    '1',
    '-1',
    '1e309',
    'null',
    "'; drop table x",
    '((((a+)+)+)+)$',
    '\r\nSet-Cookie: a=b',
    '☃',
    'ñ'.repeat(70),
  ],
];
const nastyNumbers = [0, -1, 1, 0.5, 1e21, -1e21, 2 ** 31, 2 ** 53, 65_536, Number.MAX_SAFE_INTEGER, 1e308];

/** Any value of JSON, some of them deep. */
export function nastyValue(random: Random, depth = 0): unknown {
  switch (random.below(depth > 4 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return random.chance(2);
    case 2:
      return random.pick(nastyNumbers);
    case 3:
    case 4:
      return random.pick(nastyTexts);
    case 5:
      return Array.from({ length: random.chance(30) ? 5000 : random.below(5) }, () => (depth > 0 ? 0 : nastyValue(random, depth + 1)));
    case 6: {
      let deep: unknown = 1;
      for (let level = random.below(random.chance(10) ? 3000 : 30); level > 0; level -= 1) deep = random.chance(2) ? [deep] : { a: deep };
      return deep;
    }
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [random.pick(nastyTexts).slice(0, 40), nastyValue(random, depth + 1)]),
      );
  }
}

type Schema = Readonly<Record<string, unknown>>;
const fits: Readonly<Record<string, readonly string[]>> = {
  id: ['0198c0de-0000-7000-8000-00000000000a', '00000000-0000-0000-0000-000000000000'],
  name: ['Anna', 'anna', 'Ольга', 'farm.test', 'anna.farm.test'],
  url: ['http://127.0.0.1:1/'],
  address: ['127.0.0.1:7443', 'oak.farm.test:7443'],
  key: ['key-of-a-request-1', 'key-of-a-request-2'],
};

function textFor(name: string, random: Random): string {
  const kind = /id$/i.test(name)
    ? 'id'
    : /url/i.test(name)
      ? 'url'
      : /address/i.test(name)
        ? 'address'
        : /key/i.test(name)
          ? 'key'
          : 'name';
  return random.pick(fits[kind] ?? ['x']);
}

/** A value that nearly fits a JSON schema (of 2020-12): now and then a part of it is something else. */
export function nearly(schema: Schema | undefined, random: Random, name = '', depth = 0): unknown {
  if (schema === undefined || random.chance(12)) return nastyValue(random);
  const choices = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) as Schema[] | undefined;
  if (choices !== undefined && depth < 8) return nearly(random.pick(choices), random, name, depth + 1);
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return random.pick(schema['enum']);
  switch (schema['type']) {
    case 'string':
      return textFor(name, random);
    case 'number':
    case 'integer':
      return random.chance(3) ? random.pick(nastyNumbers) : random.below(100);
    case 'boolean':
      return random.chance(2);
    case 'array':
      return Array.from({ length: random.below(4) }, () => nearly(schema['items'] as Schema | undefined, random, name, depth + 1));
    case 'object': {
      const required = new Set((schema['required'] as string[] | undefined) ?? []);
      const all = Object.entries((schema['properties'] as Record<string, Schema> | undefined) ?? {});
      const chosen = all.filter(([key]) => required.has(key) || random.chance(2));
      return Object.fromEntries(chosen.map(([key, of]) => [key, nearly(of, random, key, depth + 1)]));
    }
    default:
      return {};
  }
}

/** Who was let in may say megabytes at once, and reading them takes its time; what is tried here is whether it stays bounded below. */
export const largestMessage = 256_000;

/** A message that is one of these, with parts changed as JSON or as bytes. */
export function nastyMessage(random: Random, messages: readonly Buffer[]): Buffer {
  return changed(random, messages).subarray(0, largestMessage);
}

function changed(random: Random, messages: readonly Buffer[]): Buffer {
  const bytes = random.pick(messages);
  if (random.chance(3)) return mutate(bytes, random, messages);
  const value = JSON.parse(bytes.toString()) as Record<string, unknown>;
  const keys = Object.keys(value);
  const inner = value['p'] as Record<string, unknown> | undefined;
  if (inner !== undefined && random.chance(2)) inner[random.pick(['u', 'b', 'h', 'm'])] = nastyValue(random);
  else value[random.pick([...keys, '__proto__', 'x'])] = nastyValue(random);
  return Buffer.from(JSON.stringify(value));
}

/** A frame of WebSocket from a client (RFC 6455 §5.2); not `isProper`: any first byte, and a length that may be a lie. */
export function socketFrame(payload: Buffer, random: Random, isProper: boolean): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  const first = isProper ? 0x81 : random.below(256);
  const length = isProper || random.chance(2) ? payload.length : random.pick([0, 125, 65_535, 2 ** 31]);
  const head = length < 126 ? Buffer.from([first, 0x80 | length]) : Buffer.alloc(length < 65_536 ? 4 : 10);
  if (length >= 126) {
    head[0] = first;
    head[1] = 0x80 | (length < 65_536 ? 126 : 127);
    if (length < 65_536) head.writeUInt16BE(length, 2);
    else head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, isProper || !random.chance(4) ? mask : Buffer.alloc(0), masked]);
}
