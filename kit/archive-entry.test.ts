import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createArchiveNames, entryPath, linkTarget } from './archive-entry.ts';

describe('names of entries', () => {
  test.each([
    ['/etc/passwd', 'absolute'],
    ['\\\\server\\share', 'absolute'],
    ['C:/Windows', 'absolute'],
    ['../up', 'parent'],
    ['a/../../up', 'parent'],
    ['a/..', 'parent'],
    ['a\\..\\up', 'parent'],
    ['a\\b', 'name'],
    ['a/con', 'name'],
    ['a/NUL.txt', 'name'],
    ['com1', 'name'],
    ['ab:stream', 'name'],
    ['end.', 'name'],
    ['end ', 'name'],
    ['a/b\0c', 'name'],
    ['a/\u001b[31m', 'name'],
    ['x'.repeat(241), 'name'],
  ])('%j is refused: %s', (name, reason) => {
    expect(entryPath(name)).toEqual({ refused: reason });
  });

  test.each([
    ['./package/index.js', ['package', 'index.js']],
    ['a//b/', ['a', 'b']],
    ['console/auxiliary.js', ['console', 'auxiliary.js']],
    ['имя/$__core.tid', ['имя', '$__core.tid']],
    ['./', []],
  ])('%j is taken', (name, parts) => {
    expect(entryPath(name)).toEqual({ parts });
  });

  test('whatever is taken stays below the root', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', '', 'a', 'b', '/', '\\', 'C:')).map((parts) => parts.join('/')),
        (name) => {
          const path = entryPath(name);
          if ('parts' in path) expect(path.parts.every((part) => /^[ab]$/.test(part))).toBe(true);
        },
      ),
    );
  });
});

describe('targets of links', () => {
  test.each(['/etc', '../../x', '', 'a\\b', 'C:x'])('%j from one folder down is refused', (target) => {
    expect(linkTarget(['bin'], target)).toEqual({ refused: 'link' });
  });
  test('one that stays inside is taken', () => {
    expect(linkTarget(['bin'], '../lib/x.js')).toEqual({ parts: ['lib', 'x.js'] });
  });
});

describe('the names of one archive', () => {
  const last = (most: number, ...names: string[]) => {
    const archive = createArchiveNames(most);
    return names.map((name) => archive.take(name, name.endsWith('/'))).at(-1);
  };

  test.each([
    ['differ only by case', ['a/Read.me', 'a/READ.ME'], 'name'],
    ['differ only by case in a folder', ['Site/a', 'site/b'], 'name'],
    ['differ only by how a letter is composed', ['\u00e9', 'e\u0301'], 'name'],
    ['are the same file', ['a', './a'], 'name'],
    ['are a file and a folder', ['a', 'a/b'], 'name'],
    ['are a folder and a file', ['a/b', 'a'], 'name'],
    ['are too many files', ['a', 'b', 'c', 'd'], 'count'],
    ['are too many folders', ['a/', 'b/', 'c/', 'd/'], 'count'],
    ['bring too many folders', ['a/b/c/d'], 'count'],
    ['lead outside', ['a', '../b'], 'parent'],
  ])('that %s are refused', (_what, names, refused) => {
    expect(last(3, ...names)).toEqual({ refused });
  });

  test('may come again as a folder, and up to the bound', () => {
    expect(last(3, 'a/', 'a/b', 'a/', 'a/c')).toEqual({ parts: ['a', 'c'] });
  });
});
