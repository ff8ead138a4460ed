/**
 * Text from instances, agents, DNS and people may hold characters that drive a terminal or turn its lines around: control characters (C0, C1, DEL),
 * bidi marks and invisible ones. They are shown as `\u001b`. Joiners stay, because names in several scripts need them.
 */
const driving = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

export function shown(text: string): string {
  return text.replace(driving, escaped);
}

/** One JSON document in which nothing drives a terminal; it parses to the same value. */
export function safeJson(value: unknown): string {
  // JSON.stringify has escaped C0 in texts itself; the line ends between members are ours.
  return JSON.stringify(value, null, 2).replace(driving, (character) => (character === '\n' ? character : escaped(character)));
}
