import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { say, spokenLanguage } from '../words.mjs';
import { escapeHtml, hideSecrets } from './texts.mjs';

/**
 * @typedef {import('./record.mjs').Row} Row
 * @typedef {{ head: string, isStandIn: boolean, rows: readonly Row[], facts: Readonly<Record<string, string>>, total: string,
 *   images: readonly { name: string, bytes: Buffer }[], texts: readonly { title: string, text: string }[], secrets: Iterable<string> }} Report
 */

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
td.time { text-align: right; white-space: nowrap }
td.result { white-space: nowrap; font-weight: bold }
.failed td.result { color: #c22 }
.passed td.result { color: #2a7 }
code { font-size: .85em; opacity: .7 }
pre { background: #8882; overflow: auto; padding: 1rem; font-size: 12px; max-height: 40rem; white-space: pre-wrap; overflow-wrap: anywhere }
img { max-width: 100%; border: 1px solid #8886; margin: .5rem 0 }
.loud { background: #fc3; color: #000; padding: 1rem; font-weight: bold }
`;

/** @param {Row} row */
const rowOf = ({ name, life, result, ms, detail }) =>
  `<tr class="${result}"><td>${escapeHtml(say(name))}<br><code>${escapeHtml(life)}/${escapeHtml(name)}</code></td>` +
  `<td class="result">${escapeHtml(say(`result.${result}`))}</td><td class="time">${ms === undefined ? '' : escapeHtml(say('tryMs', { ms }))}</td><td>${escapeHtml(detail)}</td></tr>`;

/** @param {string} title @param {string} content */
const section = (title, content) => `<h2>${escapeHtml(title)}</h2>\n${content}\n`;

/** The report as one page that needs nothing else. @param {Report} report */
export function reportPage({ head, isStandIn, rows, facts, total, images, texts, secrets }) {
  const heads = ['report.step', 'report.result', 'report.time', 'report.detail'];
  const columns = heads.map((key) => `<th>${escapeHtml(say(/** @type {import('../words.mjs').WordKey} */ (key)))}</th>`).join('');
  const pictures = images.map(
    ({ name, bytes }) =>
      `<h3>${escapeHtml(say(/** @type {import('../words.mjs').WordKey} */ (name)))}</h3><img alt="" src="data:image/png;base64,${bytes.toString('base64')}">`,
  );
  const factRows = Object.entries(facts).map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`);
  const parts = [
    section(say('report.steps'), `<table><tr>${columns}</tr>\n${rows.map(rowOf).join('\n')}</table>`),
    section(say('report.facts'), `<table>${factRows.join('\n')}</table>`),
    ...texts.map(({ title, text }) => section(title, `<pre>${escapeHtml(text === '' ? say('report.nothing') : text)}</pre>`)),
  ];
  const words =
    `<!doctype html>\n<html lang="${spokenLanguage()}"><head><meta charset="utf-8"><title>${escapeHtml(say('report.title'))}</title><style>${style}</style></head>\n` +
    `<body><h1>${escapeHtml(say('report.title'))}</h1>\n<p${isStandIn ? ' class="loud"' : ''}>${escapeHtml(head)}</p>\n<p>${escapeHtml(total)}</p>\n` +
    parts.join('\n');
  // A picture is no text: what looks like a token in it is none.
  return `${hideSecrets(words, secrets)}${pictures.length === 0 ? '' : section(say('report.pictures'), pictures.join('\n'))}</body></html>\n`;
}

/** Whole or not at all; throws what the file system throws. @param {string} path @param {Report} report */
export function writeReport(path, report) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, reportPage(report), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
