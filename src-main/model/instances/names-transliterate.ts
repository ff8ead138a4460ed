/** How names in other scripts are written in the letters of host names: the way people write them in passports and addresses. */
const latin = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  ø: 'oe',
  œ: 'oe',
  þ: 'th',
  ð: 'd',
  đ: 'd',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ĳ: 'ij',
  ŋ: 'ng',
  ŧ: 't',
  ĸ: 'k',
  ſ: 's',
  ə: 'e',
  ƒ: 'f',
};
const cyrillic = {
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  д: 'd',
  е: 'e',
  ё: 'e',
  ж: 'zh',
  з: 'z',
  и: 'i',
  й: 'y',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ф: 'f',
  х: 'kh',
  ц: 'ts',
  ч: 'ch',
  ш: 'sh',
  щ: 'shch',
  ъ: 'a',
  ы: 'y',
  ь: '',
  э: 'e',
  ю: 'yu',
  я: 'ya',
  і: 'i',
  ї: 'i',
  є: 'ie',
  ґ: 'g',
  ў: 'u', // Ukrainian, Belarusian
  ђ: 'dj',
  ј: 'j',
  љ: 'lj',
  њ: 'nj',
  ћ: 'c',
  џ: 'dz',
  ѓ: 'gj',
  ѕ: 'dz',
  ќ: 'kj', // Serbian, Macedonian
  ә: 'a',
  ғ: 'g',
  қ: 'k',
  ң: 'n',
  ө: 'o',
  ұ: 'u',
  ү: 'u',
  һ: 'h', // Kazakh and its neighbours
};
const greek = {
  α: 'a',
  β: 'v',
  γ: 'g',
  δ: 'd',
  ε: 'e',
  ζ: 'z',
  η: 'i',
  θ: 'th',
  ι: 'i',
  κ: 'k',
  λ: 'l',
  μ: 'm',
  ν: 'n',
  ξ: 'x',
  ο: 'o',
  π: 'p',
  ρ: 'r',
  σ: 's',
  ς: 's',
  τ: 't',
  υ: 'y',
  φ: 'f',
  χ: 'ch',
  ψ: 'ps',
  ω: 'o',
};
const letters = new Map<string, string>(Object.entries({ ...latin, ...cyrillic, ...greek }));
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

/** The letters of host names for a text in Latin, Cyrillic or Greek script, words joined by hyphens; undefined when a letter has none. */
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
  const known = letters.get(character);
  if (known !== undefined) return known;
  // the compatibility form knows full-width letters, ligatures and digits of other kinds
  const bare = character.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  if (/^[a-z0-9]*$/.test(bare) && bare !== '') return bare;
  const mapped = [...bare].map((c) => letters.get(c));
  if (bare !== '' && mapped.every((m) => m !== undefined)) return mapped.join('');
  if (/^\p{M}$/u.test(character)) return '';
  if (/^[\p{L}\p{N}]$/u.test(character)) return undefined;
  return '-';
}
