import type { ErrorParameters } from '#contract/errors.ts';

type Reason = ErrorParameters<'PAYLOAD_UNSAFE'>['reason'];
export type EntryPath = { readonly parts: readonly string[] } | { readonly refused: Reason };

const longestPath = 240;
const longestPart = 255;
/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const badCharacters = /[\u0000-\u001f<>:"|?*\\]/;
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

function isBadPart(part: string): boolean {
  return badCharacters.test(part) || /[. ]$/.test(part) || deviceName.test(part) || Buffer.byteLength(part) > longestPart;
}

/**
 * The parts of an entry's name, or why it is refused. The rules are those of the strictest system that we serve, so that a package is safe
 * everywhere or nowhere. No parts: the root itself.
 */
export function entryPath(name: string): EntryPath {
  if (/^[/\\]|^[A-Za-z]:/.test(name)) return { refused: 'absolute' };
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || name.split('\\').includes('..')) return { refused: 'parent' };
  if (name.length > longestPath || parts.some(isBadPart)) return { refused: 'name' };
  return { parts };
}

/** Where a link leads by its text alone, from the root; refused when it is absolute or climbs above the root. What it really meets is looked at later. */
export function linkTarget(from: readonly string[], target: string): EntryPath {
  if (target === '' || /^[/\\]|^[A-Za-z]:|[\\\0]/.test(target)) return { refused: 'link' };
  const parts = [...from];
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return { refused: 'link' };
  }
  return { parts };
}
