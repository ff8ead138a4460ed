/* Text from instances, agents, DNS and CAs is untrusted: characters that steer a terminal or turn the reading order
   around are shown as what they are. Unicode TR 36 (bidirectional spoofing) and TR 9 name the bidi controls. */
const steering =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // The control pictures of Unicode would be shorter, but few fonts have them.
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
}

/* Keeps tab and line feed; a carriage return before a line feed goes. */
export function escapeText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(steering, shown);
}
