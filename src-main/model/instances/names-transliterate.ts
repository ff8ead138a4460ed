import anyAscii from 'any-ascii';

/**
 * Letters that people write otherwise, in passports and addresses, than the library's table of all scripts has them. Where both agree, the letter
 * is not here.
 */
const better = new Map<string, string>(
  Object.entries({
    ...{ ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', ĸ: 'k' },
    // Russian, Belarusian, Bulgarian, Macedonian, Serbian, Kazakh
    ...{ й: 'y', ў: 'u', ъ: 'a', ѓ: 'gj', ќ: 'kj', џ: 'dz', ғ: 'g', қ: 'k', ң: 'n' },
    // Arabic alef and ain, Hebrew alef: silent in the table, a vowel at the beginning of most names. Thaana's alifu only carries one.
    ...{ '\u0627': 'a', '\u0625': 'i', '\u0639': 'a', '\u05d0': 'a', '\u0787': '' },
  }),
);
/** Two Greek letters that are one sound (ISO 843). */
const greekPairs = new Map([
  ['ου', 'ou'],
  ['αυ', 'av'],
  ['ευ', 'ev'],
  ['γγ', 'ng'],
  ['γκ', 'gk'],
  ['γχ', 'nch'],
]);
const voiceless = /[θκξπσςτφχψ]/u;
const softAfterHard = /[еёюя]/u;
const ukrainian = /[іїєґ]/u;
const apostrophes = /['’ʼ`´‘]/gu;

/**
 * The letters of host names for a text in any script, words joined by hyphens: how it is written, letter by letter, not how it is read (Chinese characters
 * get their Mandarin sounds in Japanese names too; unwritten vowels of Arabic and Hebrew stay away). Undefined when a letter has none, '' when nothing
 * is left of the text. Pure.
 */
export function transliterate(text: string): string | undefined {
  const source = [...text.normalize('NFC').toLowerCase().replace(apostrophes, '')];
  const isUkrainian = ukrainian.test(source.join(''));
  let result = '';
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? '';
    const next = source[at + 1] ?? '';
    const pair = greekPairs.get(withoutMarks(character) + withoutMarks(next));
    // ΐ, ϊ and ϋ are spoken apart: the diaeresis breaks the pair
    if (pair !== undefined && !/\u0308/u.test(next.normalize('NFD'))) {
      const isVoiceless = pair.endsWith('v') && voiceless.test(source[at + 2] ?? '');
      result += isVoiceless ? pair.replace('v', 'f') : pair;
      at += 1;
      continue;
    }
    const written = writeCharacter(character, next, isUkrainian);
    if (written === undefined) return undefined;
    result += written;
  }
  return result.replace(/-+/g, '-').replace(/^-|-$/g, '');
}

function withoutMarks(character: string): string {
  return character.normalize('NFD').replace(/\p{M}/gu, '');
}

function writeCharacter(character: string, next: string, isUkrainian: boolean): string | undefined {
  if (/^[a-z0-9]$/.test(character)) return character;
  if (character === 'ъ' && softAfterHard.test(next)) return '';
  if (isUkrainian && character === 'г') return 'h';
  if (isUkrainian && character === 'и') return 'y';
  const known = better.get(character);
  if (known !== undefined) return known;
  // the compatibility form knows full-width letters, ligatures and digits of other kinds
  const bare = withoutMarks(character.normalize('NFKD')).toLowerCase();
  if (/^[a-z0-9]+$/.test(bare)) return bare;
  // In these scripts a mark is an accent or a breathing, which changes no letter; in others it may be a vowel.
  if (!/^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]+$/u.test(bare)) return better.get(bare) ?? writeByTable(character);
  const written = [...bare].map((letter) => better.get(letter) ?? writeByTable(letter));
  return written.includes(undefined) ? undefined : written.join('');
}

function writeByTable(character: string): string | undefined {
  if (!/^[\p{L}\p{N}\p{M}]$/u.test(character)) return '-';
  const written = anyAscii(character).toLowerCase();
  // A sign of length or repetition and a mark may be silent; another letter without an answer is one that the table lacks.
  if (written === '' && !/^[\p{Lm}\p{M}]$/u.test(character)) return undefined;
  // The stroke of a fraction parts two numbers; a letter has no more than an apostrophe, which joins, or is a whole saying.
  return /^\p{N}$/u.test(character) ? written.replace(/[^a-z0-9]+/g, '-') : written.replace(/\s+/g, '-').replace(/[^a-z0-9-]|^-$/g, '');
}
