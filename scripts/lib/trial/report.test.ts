import { describe, expect, it } from 'vitest';
import { reportPage } from './report.mjs';
import { createRecord } from './record.mjs';
import { hideSecrets, lastLines, spelledOut } from './texts.mjs';

const token = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7_bC0-eF3hJ6lM9oR';

describe('what leaves this computer', () => {
  it.each([
    ['a token that is known', `GET /x?${token.slice(0, 20)}`, `GET /x?[hidden]`, [token.slice(0, 20)]],
    ['a token that is not', `{"token":"${token}"}`, '{"token":"[hidden]"}', []],
    ['what a header holds', `authorization: Bearer ${token}=`, 'authorization: Bearer [hidden]', []],
    ['a key', 'a -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- b', 'a [hidden] b', []],
    ['a key that was cut off', 'a -----BEGIN EC PRIVATE KEY-----\nMIIE', 'a [hidden]', []],
  ])('does not hold %s', (_what, text, clean, secrets) => expect(hideSecrets(text, secrets)).toBe(clean));

  it.each([
    'sha256 6910bf6c37a96de1269e6a4cdb86e5ca82976bf6eda4b5d10b1fb4aa48d6413b',
    '/home/anna/.local/share/farmstead/demo/.desktop/desktop.log',
    '-----BEGIN CERTIFICATE-----',
    '01a223f0-7eca-755f-b95b-c9a067a7ed97',
  ])('still holds %s', (text) => expect(hideSecrets(text, [''])).toBe(text));

  it('is no text that steers a terminal or turns a line around', () =>
    expect(spelledOut('\u001b[2Ja\tb\u202ec\r\nd')).toBe('\\u001b[2Ja  b\\u202ec\\u000d\nd'));

  it('is the end of a long text', () => expect(lastLines('a\nb\nc\n', 2)).toBe('b\nc'));
});

describe('the report', () => {
  const made = () => {
    const printed: string[] = [];
    const record = createRecord((line: string) => void printed.push(line));
    record.add('first', 'step.window', 'passed', { ms: 812, detail: 'by ready-to-show' });
    record.add('first', 'step.demo', 'failed', { ms: 5, detail: `<script>alert("${token}")</script>` });
    record.add('person', 'ask.drag', 'notAsked');
    const page = reportPage({
      head: 'NOT ELECTRON',
      isStandIn: true,
      rows: record.rows,
      facts: { system: 'Linux <6>' },
      total: record.total(),
      images: [{ name: 'step.dark', bytes: Buffer.alloc(60, token) }],
      texts: [{ title: 'core.log', text: `a token-like-word ${token}` }],
      secrets: ['token-like-word'],
    });
    return { page, record, printed };
  };

  it('holds every step with its result, time and detail, and how many there are', () => {
    const { page, record } = made();
    expect(page).toMatch(/<tr class="passed">.*first\/step\.window.*✓.*812 (ms|мс).*by ready-to-show/);
    expect(page).toMatch(/<tr class="failed">.*first\/step\.demo.*✗/);
    expect(page).toContain('class="loud"');
    expect(record.hasFailed()).toBe(true);
    expect(page.match(/<tr class="/g)).toHaveLength(3);
    expect(page).toContain(record.total());
  });

  it('runs nothing and fetches nothing: texts stay texts, and pictures lie in it', () => {
    const { page } = made();
    expect(page).not.toMatch(/<script|<link|src="(?!data:)|href=|url\(/);
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('Linux &lt;6&gt;');
    expect(page).toContain(`src="data:image/png;base64,${Buffer.alloc(60, token).toString('base64')}"`);
  });

  it('holds no token', () => {
    const { page } = made();
    expect(page).not.toContain(token);
    expect(page).not.toContain('token-like-word');
  });

  it('is printed as it grows, with a heading for each part', () => {
    const { printed } = made();
    expect(printed).toHaveLength(5);
    expect(printed[1]).toMatch(/✓ +812 (ms|мс)/);
  });
});
