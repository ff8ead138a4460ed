/** Characters that steer a terminal or turn a line around: text of other programs is shown with them spelled out. */
const misleading = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** @param {string} text */
export const spelledOut = (text) =>
  text.replace(misleading, (one) => (one === '\t' ? '  ' : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`));

/** @param {string} text */
export const escapeHtml = (text) =>
  spelledOut(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const hidden = '[hidden]';
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/gu;
const bearer = /\b(Bearer|Basic)\s+[\w.~+/=-]+/giu;
/** 32 bytes in base64url are what every token of ours is; hexadecimal fingerprints are longer and stay. */
const token = /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])/gu;

/**
 * Takes secrets out of a text that leaves this computer. The logs hide theirs when they are written (src-main/drivers/system/log.ts); this takes out the
 * ones that are known, and whatever looks like one.
 * @param {string} text @param {Iterable<string>} secrets
 */
export function hideSecrets(text, secrets) {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, hidden);
  return clean
    .replace(privateKey, hidden)
    .replace(bearer, (_, kind) => `${kind} ${hidden}`)
    .replace(token, hidden);
}

/** The last lines of a text. @param {string} text @param {number} count */
export const lastLines = (text, count) => text.trimEnd().split('\n').slice(-count).join('\n');

/** Names with their values, in one line. @param {Readonly<Record<string, string | number | boolean>>} detail */
export const listed = (detail) =>
  Object.entries(detail)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' · ');
