import type { ElectronParts } from './electron-parts.ts';

/** Asks the person's own browser to open an address. False when it may not be opened. */
export type OpenOutside = (url: string) => Promise<boolean>;

/**
 * Addresses that may leave this program (checklist item 15): https, on the farm's own domains, without a name or password in it. Never a
 * program, a file, or what a foreign text smuggled into the window.
 */
export function isOpenable(url: string, farmDomains: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, hostname } = new URL(url);
  if (protocol !== 'https:' || username !== '' || password !== '') return false;
  return farmDomains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

/** `farmDomains` is asked each time: a domain may have been added a moment ago. */
export function createOutside(
  shell: Pick<ElectronParts['shell'], 'openExternal'>,
  farmDomains: () => Promise<readonly string[]>,
): OpenOutside {
  return async (url) => {
    if (!isOpenable(url, await farmDomains())) return false;
    await shell.openExternal(new URL(url).href);
    return true;
  };
}
