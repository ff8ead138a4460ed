import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: `1.<nonce>.<tag>.<ciphertext>` in base64url. The context is authenticated
 * with it, so that a sealed value opens only where it belongs. Far below 2^32 values are sealed under one key.
 */
const version = '1';
const nonceBytes = 12;
const tagBytes = 16;

export const keyBytes = 32;

export class SealError extends Error {}

export function sealBytes(key: Uint8Array, context: string, plaintext: Uint8Array): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(context, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [version, ...[nonce, cipher.getAuthTag(), ciphertext].map((part) => part.toString('base64url'))].join('.');
}

/** Throws a `SealError` when the value was changed, belongs to another context, or was sealed with another key. */
export function openBytes(key: Uint8Array, context: string, sealed: string): Buffer {
  const [found, ...parts] = sealed.split('.');
  const [nonce, tag, ciphertext] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (found !== version || parts.length !== 3 || nonce?.length !== nonceBytes || tag?.length !== tagBytes || ciphertext === undefined)
    throw new SealError('form');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch (error) {
    throw new SealError('changed', { cause: error });
  }
}
