import { randomBytes, scrypt } from 'node:crypto';
import type { Keeper } from '../../ports/secrets.ts';
import { keyBytes, openBytes, SealError, sealBytes } from './seal.ts';

const context = 'farmstead-data-key';

export type Cost = { readonly n: number; readonly r: number; readonly p: number };

/** 128 MiB and about half a second: OWASP's first choice for scrypt (N = 2^17, r = 8, p = 1). */
export const defaultCost: Cost = { n: 2 ** 17, r: 8, p: 1 };
/** Stored costs come from a file that others could have written: more would only eat this computer's memory. */
const most: Cost = { n: 2 ** 20, r: 16, p: 4 };
const saltBytes = 16;

function deriveKey(passphrase: string, salt: Uint8Array, { n, r, p }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // One spelling for letters that can be typed in two ways (RFC 8265 §4.2.2).
    const text = passphrase.normalize('NFC');
    scrypt(text, salt, keyBytes, { N: n, r, p, maxmem: 256 * n * r }, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/** `scrypt:<N>:<r>:<p>:<salt>:<sealed>`: the costs travel with it, so that later ones may be higher. */
function parse(wrapped: string): { readonly cost: Cost; readonly salt: Buffer; readonly sealed: string } {
  const [kind, n, r, p, salt, sealed] = wrapped.split(':');
  const found: Cost = { n: Number(n), r: Number(r), p: Number(p) };
  const isSane = (['n', 'r', 'p'] as const).every((name) => Number.isInteger(found[name]) && found[name] >= 1 && found[name] <= most[name]);
  if (kind !== 'scrypt' || !isSane || salt === undefined || sealed === undefined) throw new SealError('form');
  return { cost: found, salt: Buffer.from(salt, 'base64url'), sealed };
}

/** Keeps the data key under a passphrase (scrypt, RFC 7914). `unwrap` throws when the passphrase is another one. */
export function createPassphraseKeeper(passphrase: string, cost: Cost = defaultCost): Keeper {
  return {
    kind: 'passphrase',
    mayAsk: false,
    availability: async () => 'none',
    wrap: async (dataKey) => {
      const salt = randomBytes(saltBytes);
      const sealed = sealBytes(await deriveKey(passphrase, salt, cost), context, dataKey);
      return ['scrypt', cost.n, cost.r, cost.p, salt.toString('base64url'), sealed].join(':');
    },
    unwrap: async (wrapped) => {
      const parts = parse(wrapped);
      return openBytes(await deriveKey(passphrase, parts.salt, parts.cost), context, parts.sealed);
    },
  };
}
