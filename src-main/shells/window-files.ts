import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const noncePlaceholder = '__CSP_NONCE__';

/**
 * The policy of the window: nothing from elsewhere, no inline script, styles by nonce, Trusted Types (https://www.w3.org/TR/CSP3/).
 * `webSocketOrigin`: where the window's socket goes, in a browser.
 */
export function contentSecurityPolicy(nonce: string, webSocketOrigin: string | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${webSocketOrigin === undefined ? '' : ` ${webSocketOrigin}`}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
}

/** The window's page with a nonce of its own. Read each time: it is small, and a new build shows without a restart. */
export async function windowPage(windowFolder: string): Promise<{ readonly html: string; readonly nonce: string }> {
  const nonce = randomBytes(18).toString('base64');
  const html = await readFile(join(windowFolder, 'index.html'), 'utf8');
  return { html: html.replaceAll(noncePlaceholder, nonce), nonce };
}
