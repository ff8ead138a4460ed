import { expect, test } from 'vitest';
import { makeFriendlyPage, type PageKind } from './friendly-page.ts';
import { route } from './testing/visitor.ts';

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', acceptLanguage: 'en' };
const kinds: PageKind[] = ['starting', 'suspended', 'broken', 'slow', 'unreadable', 'busy', 'failed', 'unknown'];

test.each(kinds)('%s stands alone and is in the route’s language', (kind) => {
  for (const language of ['en', 'ru'] as const) {
    const page = makeFriendlyPage(kind, route('a.example', 1, { language }), browser);
    const text = page.body.toString();
    expect(text).toContain(`<html lang="${language}">`);
    expect(/[а-яё]/i.test(text)).toBe(language === 'ru');
    expect(text).toContain(page.reference);
    expect(text).not.toMatch(/https?:|src=|url\(/);
    expect(text.includes('http-equiv="refresh"')).toBe(kind === 'starting');
    const headers = Object.fromEntries(page.headers.map((value, at) => [value, page.headers[at + 1]]).filter((_, at) => at % 2 === 0));
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-length': String(page.body.length),
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
  }
});

test('text from outside is shown as text', () => {
  const providerName = '<script>alert(1)</script> "A" & \u202egnp.exe\u0007';
  const text = makeFriendlyPage('broken', route('a.example', 1, { providerName }), browser).body.toString();
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;A&quot; &amp; gnp.exe');
  expect(text).not.toMatch(/[\u0007\u202e]/);
});

test('JSON for those who ask for it and not for a page', () => {
  const json = (accept: string): boolean =>
    makeFriendlyPage('unknown', undefined, { accept, acceptLanguage: undefined }).headers.includes('application/json; charset=utf-8');
  expect(json('application/json')).toBe(true);
  expect(json('application/problem+json, */*')).toBe(true);
  expect(json('text/html, application/json')).toBe(false);
  expect(json('*/*')).toBe(false);
});

test('every page has a reference of its own', () => {
  const references = new Set(Array.from({ length: 100 }, () => makeFriendlyPage('broken', undefined, browser).reference));
  expect(references.size).toBe(100);
  for (const reference of references) expect(reference).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
});
