import { expect, it } from 'vitest';
import { askedLanguage, readStartWords } from './start-parameters.mjs';

it.each([
  [[], { shell: undefined, web: [], desktop: [], switches: [] }],
  [
    ['--demo', '--home', '/farm x'],
    { shell: undefined, web: ['--home=/farm x', '--demo'], desktop: ['--home=/farm x', '--demo'], switches: [] },
  ],
  [
    ['--home=/farm', '--language=ru'],
    { shell: undefined, web: ['--home=/farm', '--language=ru'], desktop: ['--home=/farm', '--language=ru'] },
  ],
  [['--shell=http', '--port', '0', '--no-open'], { shell: 'http', web: ['--port=0', '--no-open'], desktop: [] }],
  [['--shell', 'electron'], { shell: 'electron', web: [], desktop: [] }],
  // What is Electron's reaches Electron, and never the web console, which would refuse it.
  [
    ['--no-sandbox', '--ozone-platform=x11', '--demo'],
    { web: ['--demo'], desktop: ['--demo', '--no-sandbox', '--ozone-platform=x11'], switches: ['--no-sandbox', '--ozone-platform=x11'] },
  ],
  [['--demo', '--', '--any-switch', '--home'], { web: ['--demo'], desktop: ['--demo', '--any-switch', '--home'] }],
  [['--home', '/one', '--home=/two=2'], { web: ['--home=/two=2'] }],
])('%j means %j', (words, request) => expect(readStartWords(words)).toMatchObject({ kind: 'start', ...request }));

it.each([['--help'], ['-h'], ['--demo', '--help']])('%j asks for help', (...words) =>
  expect(readStartWords(words)).toEqual({ kind: 'help' }),
);

it.each([
  [['--language=de'], 'languageUnknown', { language: 'de' }],
  [['--language', 'RU'], 'languageUnknown', { language: 'RU' }],
  [['--language'], 'optionNeedsValue', { option: '--language' }],
  [['--home='], 'optionNeedsValue', { option: '--home' }],
  [['--home', '--demo'], 'optionNeedsValue', { option: '--home' }],
  [['--port', '65536'], 'portWrong', {}],
  [['--port=x'], 'portWrong', {}],
  [['--shell=tty'], 'shellUnknown', { shell: 'tty' }],
  [['--colour'], 'optionUnknown', { option: '--colour' }],
  [['--demo=yes'], 'optionUnknown', { option: '--demo=yes' }],
  [['--constructor'], 'optionUnknown', { option: '--constructor' }],
  [['extra'], 'optionUnknown', { option: 'extra' }],
  [['-x'], 'optionUnknown', { option: '-x' }],
  [['--\u001b[31mred\u202e'], 'optionUnknown', { option: '--red\\u202e' }],
  [['--help', '--colour'], 'optionUnknown', { option: '--colour' }],
])('%j is refused in words', (words, sentence, values) => expect(readStartWords(words)).toEqual({ kind: 'wrong', sentence, values }));

it.each([
  [['--language=ru', '--colour'], 'ru'],
  [['--language', 'en', '--language', 'ru'], 'ru'],
  [['--language=de'], undefined],
  [['--language'], undefined],
  [[], undefined],
  [['--', '--language=ru'], undefined],
])('%j is answered in %j', (words, language) => expect(askedLanguage(words)).toBe(language));
