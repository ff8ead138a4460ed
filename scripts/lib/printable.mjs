const ansi = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/gu;
/** Control characters, and those that turn the reading order around or cannot be seen (Unicode TR 36). */
const driving = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/**
 * Text of another program as part of one line in a terminal: without colours, escaped, and not longer than `mostCharacters`.
 * @param {string} text
 */
export function printable(text, mostCharacters = 200) {
  const line = text
    .replace(ansi, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(driving, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters - 1)}…` : line;
}
