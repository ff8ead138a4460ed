/** Ids become names of files and folders here, so nothing else than letters, digits and hyphens ever reaches a path. */
export function isPlainId(id: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/.test(id);
}
