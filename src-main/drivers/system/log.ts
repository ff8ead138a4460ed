import { randomBytes } from 'node:crypto';
import { base32crockford } from '@scure/base';
import { isFarmError } from '#contract/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/request.ts';

export type LogOptions = {
  readonly clock: Clock;
  /** Takes one line without its end. Must not throw. */
  readonly write: (line: string) => void;
  /** Who logs: `core`, `http`, … */
  readonly source: string;
};

const secretName = /pass(word|phrase)|secret|token|credential|cookie|authorization|private.?key|sealed|join.?code|pairing.?code/i;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const longestText = 8_000;
const deepest = 8;

/** JSON escapes control characters; bidi and zero-width ones, which turn a terminal's line around, it leaves: they go here. */
const misleading = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function cleanText(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return short.replace(privateKey, '[hidden]').replace(misleading, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function clean(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    return cleanText(value);
  }
  if (value instanceof Error) {
    return cleanError(value, depth);
  }
  if (typeof value === 'bigint') {
    return String(value);
  }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
  }
  if (depth >= deepest) {
    return '…';
  }
  if (ArrayBuffer.isView(value)) {
    return `[${value.byteLength} bytes]`;
  }
  if (Array.isArray(value)) {
    return value.slice(0, 100).map((one) => clean(one, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      cleanText(name),
      secretName.test(name) && one !== undefined ? '[hidden]' : clean(one, depth + 1),
    ]),
  );
}

function cleanError(error: Error, depth: number): unknown {
  return {
    name: error.name,
    message: cleanText(error.message),
    ...(isFarmError(error) ? { code: error.code, parameters: clean(error.parameters, depth + 1) } : {}),
    stack: cleanText(error.stack ?? '')
      .split('\n')
      .slice(1),
    ...(error.cause === undefined || depth >= deepest ? {} : { cause: clean(error.cause, depth + 1) }),
  };
}

/** Crockford's base 32: no letter that can be read as a digit, so that a reference survives a telephone. */
function newReference(): string {
  return `F-${base32crockford.encode(randomBytes(5)).slice(0, 6)}`;
}

/** Log records as JSON lines. Values under a name that sounds like a secret, and private keys in any text, are never written. */
export function createLog({ clock, write, source }: LogOptions): Log {
  const line = (level: 'info' | 'warn' | 'bug', event: string, fields: Readonly<Record<string, unknown>>): void => {
    const head = { at: new Date(clock.nowMs()).toISOString(), level, source, event: cleanText(event) };
    try {
      write(JSON.stringify({ ...head, fields: clean(fields) }));
    } catch {
      // A value that cannot be written (a getter that throws, a circle) must not end the work that wanted to tell of it.
      write(JSON.stringify({ ...head, fields: '[unwritable]' }));
    }
  };
  return {
    info: (event, fields = {}) => line('info', event, fields),
    warn: (event, fields = {}) => line('warn', event, fields),
    bug: (error, fields = {}) => {
      const reference = newReference();
      line('bug', 'bug', { reference, error: error instanceof Error ? error : { thrown: error }, ...fields });
      return reference;
    },
  };
}
