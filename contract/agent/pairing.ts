import { base32crockford } from '@scure/base';
import * as z from 'zod';

/**
 * Pairing: two codes, one protocol (README.md of this folder). Either side may show the code, the other types it. What a code is made of
 * and the messages are here; both sides run `pairing-conversation.ts`.
 */
export const pairingSubprotocol = 'farm-pair.1';
export const pairingPath = '/pair';
export const linkPath = '/link';
/** Where an agent listens unless it is told otherwise. Unassigned at IANA for anything that a server in a farm would run beside us. */
export const defaultAgentPort = 7443;

export const codeMinutes = 60;
export const codeTries = 5;
/** More than this between two clocks is refused in words, long before a certificate would fail for it. */
export const clockToleranceMs = 120_000;

/** 16 characters: 80 bits of the issuer's key. */
const keyCharacters = 16;
/** 8 characters: 40 random bits. */
const secretCharacters = 8;
export const keyBytes = 10;
export const secretBytes = 5;

/**
 * Cyrillic letters that look like ours: the code is read from a screen and typed in whichever layout is on. The Latin look-alikes are
 * Crockford's own (https://www.crockford.com/base32.html), so the decoder reads them.
 */
// biome-ignore format: one alphabet, one line
const lookAlike: Readonly<Record<string, string>> = { А: 'A', В: 'B', Е: 'E', К: 'K', М: 'M', Н: 'H', О: '0', Р: 'P', С: 'C', Т: 'T', Х: 'X' };

function fromBase32(characters: string): Uint8Array | undefined {
  try {
    return base32crockford.decode(characters);
  } catch {
    return undefined;
  }
}

/** The code as it is shown: 24 characters in groups of four. `keyHash` is SHA-256 of the issuer's public key (SPKI, DER); `secret` 5 random bytes. */
export function formatCode(keyHash: Uint8Array, secret: Uint8Array): string {
  const characters = base32crockford.encode(keyHash.subarray(0, keyBytes)) + base32crockford.encode(secret);
  return (characters.match(/.{4}/g) ?? []).join('-');
}

export type ParsedCode = { readonly keyPrefix: Uint8Array; readonly secret: Uint8Array };

/** Reads a typed code: case, spaces, hyphens and look-alikes do not matter. Undefined when it has not the form of a code. */
export function parseCode(typed: string): ParsedCode | undefined {
  const characters = [...typed.normalize('NFKC').toUpperCase()]
    .filter((character) => !/[\s\p{Pd}_.]/u.test(character))
    .map((character) => lookAlike[character] ?? character)
    .join('');
  if (characters.length !== keyCharacters + secretCharacters) return undefined;
  const keyPrefix = fromBase32(characters.slice(0, keyCharacters));
  const secret = fromBase32(characters.slice(keyCharacters));
  return keyPrefix === undefined || secret === undefined ? undefined : { keyPrefix, secret };
}

const hexSecret = z.string().regex(/^[0-9a-f]{10}$/);
const pem = z.string().max(16_384);
const name = z.string().max(200);

/** The messages, in the order in which they are said. Unknown fields are ignored; an unknown message ends the conversation. */
export const pairingMessages = {
  /** Redeemer → issuer, and never before the issuer's key was checked: the random part itself, inside the channel. */
  prove: z.object({ say: z.literal('prove'), role: z.enum(['core', 'agent']), protocol: z.number().int(), secret: hexSecret }),
  /** Issuer → redeemer. */
  proven: z.object({ say: z.literal('proven') }),
  /** Core → agent: who would like to have it. */
  offer: z.object({
    say: z.literal('offer'),
    protocol: z.number().int(),
    farmId: name,
    farmName: name,
    serverId: name,
    epoch: z.number().int().nonnegative(),
    authorityPem: pem,
  }),
  /** Agent → core: the certificate request for the agent's one key (PKCS #10). */
  request: z.object({ say: z.literal('request'), protocol: z.number().int(), agentVersion: name, nowMs: z.number(), requestPem: pem }),
  /** Core → agent. */
  issued: z.object({ say: z.literal('issued'), chainPem: pem }),
  /** Agent → core: it is on disk. */
  stored: z.object({ say: z.literal('stored') }),
} as const;

/** Either side, instead of the message that was due: a coded error. */
export const pairingRefusal = z.object({
  say: z.literal('refused'),
  code: z.string().max(64),
  parameters: z.record(z.string(), z.union([z.string().max(500), z.number()])),
});

export type PairingMessages = { [K in keyof typeof pairingMessages]: z.infer<(typeof pairingMessages)[K]> };
