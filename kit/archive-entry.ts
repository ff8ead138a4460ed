/** Why an entry of an archive is refused: as in `PAYLOAD_UNSAFE`. */
export type EntryReason = 'absolute' | 'parent' | 'link' | 'name' | 'count';
export type EntryPath = { readonly parts: readonly string[] } | { readonly refused: EntryReason };

const longestPath = 240;
const longestPart = 255;
/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const badCharacters = /[\p{Cc}\p{Cs}<>:"|?*\\]/u;
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** Of the text in UTF-8. */
function octetsOf(text: string): number {
  let octets = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    octets += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return octets;
}

function isBadPart(part: string): boolean {
  return badCharacters.test(part) || /[. ]$/.test(part) || deviceName.test(part) || octetsOf(part) > longestPart;
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

/** As a system that minds neither case nor composition tells names apart. */
const folded = (path: string): string => path.normalize('NFC').toUpperCase().toLowerCase();

/**
 * The names of one archive, zip or tar alike: each entry is asked for in the order of coming, and counts with every folder that it brings. Two names of which
 * one would take the other's place somewhere, because they differ only by case or one is a folder, are refused everywhere.
 */
export function createArchiveNames(mostEntries: number): { readonly take: (name: string, isFolder: boolean) => EntryPath } {
  const seen = new Map<string, { readonly path: string; readonly isFolder: boolean }>();
  let count = 0;
  const add = (path: string, isFolder: boolean): EntryReason | undefined => {
    const known = seen.get(folded(path));
    if (known !== undefined) return isFolder && known.isFolder && known.path === path ? undefined : 'name';
    seen.set(folded(path), { path, isFolder });
    count += 1;
    return count > mostEntries ? 'count' : undefined;
  };
  return {
    take: (name, isFolder) => {
      const entry = entryPath(name);
      if ('refused' in entry) return entry;
      const { parts } = entry;
      if (parts.length === 0) return isFolder ? entry : { refused: 'name' };
      for (let depth = 1; depth <= parts.length; depth += 1) {
        const refused = add(parts.slice(0, depth).join('/'), isFolder || depth < parts.length);
        if (refused !== undefined) return { refused };
      }
      return entry;
    },
  };
}
