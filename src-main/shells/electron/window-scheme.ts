import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { ElectronParts } from './electron-parts.ts';
import { contentSecurityPolicy, windowPage } from '../window-files.ts';

const scheme = 'farmstead';
const host = 'window';
export const windowOrigin = `${scheme}://${host}`;
export const windowUrl = `${windowOrigin}/`;

const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Ours by its parts, never by a prefix (`farmstead://window.example`). */
export function isOwnUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const parsed = new URL(url);
  return parsed.protocol === `${scheme}:` && parsed.host === host;
}

/** Must be called before the application is ready, once (https://www.electronjs.org/docs/latest/api/protocol). */
export function declareScheme(protocol: Pick<ElectronParts['protocol'], 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]);
}

const plainHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // What is no page may do nothing if somebody opens it as one; a picture is a document too.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
const refused = (status: number): Response => new Response(null, { status, headers: plainHeaders });

/** One file of the built window, or the page itself with a nonce of its own. Nothing outside the folder, nothing but GET. */
export async function answerWindow(windowFolder: string, request: { readonly method: string; readonly url: string }): Promise<Response> {
  if (request.method !== 'GET' || !isOwnUrl(request.url)) return refused(405);
  let path: string;
  try {
    path = decodeURIComponent(new URL(request.url).pathname);
  } catch {
    return refused(400);
  }
  if (path === '/' || path === '/index.html') {
    const page = await windowPage(windowFolder).catch(() => undefined);
    if (page === undefined) return refused(404);
    const { html, nonce } = page;
    const headers = {
      ...plainHeaders,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(nonce, undefined),
      'cache-control': 'no-store',
    };
    return new Response(html, { headers });
  }
  const file = normalize(join(windowFolder, path));
  const mediaType = mediaTypes[extname(file)];
  if (path.includes('\0') || !file.startsWith(normalize(windowFolder) + sep) || mediaType === undefined) return refused(404);
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined
    ? refused(404)
    : new Response(new Uint8Array(bytes), { headers: { ...plainHeaders, 'content-type': mediaType } });
}

/** Returns the disposer. */
export function serveWindow(protocol: Pick<ElectronParts['protocol'], 'handle' | 'unhandle'>, windowFolder: string): () => void {
  protocol.handle(scheme, (request) => answerWindow(windowFolder, request));
  return () => protocol.unhandle(scheme);
}
