import { wordlist } from '@scure/bip39/wordlists/english.js';

/** As many words as a person compares at a glance; 11 bits each, because the list has 2048. */
const wordCount = 4;
const bitsOfWord = 11;
const digits = /^[0-9a-f]{64}$/i;

/**
 * The beginning of a key's fingerprint as four words, so that a person can compare at a glance what two screens show: `otter violin march copper`.
 * Takes SHA-256 as 64 hexadecimal digits, large or small; the same words in every language, because they are an identifier and no sentence.
 * Throws a RangeError for anything else: a fingerprint that is cut must never look like a shorter one that fits. Pure; may be called twice.
 *
 * What they are worth: 44 bits, an extra look by a person at *which* computer joined (a code that came from elsewhere, an address of another
 * machine). Keys with the same four words can be searched for, so nothing may rest on them: what keeps an impostor out are the 80 bits of the
 * hash in the pairing code, compared before anything is sent, and the whole key, pinned from then on (`contract/agent/README.md`).
 */
export function keyWords(fingerprint: string): readonly string[] {
  if (!digits.test(fingerprint)) throw new RangeError('a fingerprint is 64 hexadecimal digits');
  // The first 44 bits are bits of the code too. Later ones would be no better: no program rests on the words, and a person who opens the whole
  // fingerprint finds that they are its first eleven digits.
  let bits = Number.parseInt(fingerprint.slice(0, (wordCount * bitsOfWord) / 4), 16);
  const words: string[] = [];
  for (let place = 0; place < wordCount; place += 1) {
    words.unshift(wordlist[bits % wordlist.length] ?? '');
    bits = Math.floor(bits / wordlist.length);
  }
  return words;
}
