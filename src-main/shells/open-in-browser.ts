import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from '#contract/ids.ts';
import { atomicWriteFile } from '../drivers/shared/files.ts';
import { chooseDesktop, type Desktop, type Environment } from './choose-desktop.ts';

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * The redirect file: a form that posts the one-use token, so that it stands in no address, history or log. `language`: what the window is to speak
 * from now on, where the person asked for it.
 */
export function redirectPage(origin: string, token: string, sentence: string, language?: Language): string {
  const spoken = language === undefined ? '' : `<input type="hidden" name="language" value="${language}">`;
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Farmstead</title>
<form method="post" action="${escapeHtml(origin)}/sign-in"><input type="hidden" name="token" value="${escapeHtml(token)}">${spoken}<button>${escapeHtml(sentence)}</button></form>
<script>document.forms[0].submit()</script>
`;
}

/** Writes the redirect file (0600) into the home and answers with its path. Throws `STORE_FULL`, `NOT_PERMITTED_BY_OS`. */
export async function writeRedirectFile(home: string, page: string): Promise<string> {
  const path = join(home, 'open.html');
  await atomicWriteFile(path, page, { mode: 0o600 });
  return path;
}

/** Absent is fine. */
export async function removeRedirectFile(home: string): Promise<void> {
  await rm(join(home, 'open.html'), { force: true });
}

/** Opens a file with the person's browser. False where there is no screen, or nothing that could open it. */
export async function openInBrowser(
  path: string,
  environment: Environment = process.env,
  desktop: Desktop = chooseDesktop(),
): Promise<boolean> {
  const opener = desktop.opener(environment, path);
  if (opener === undefined) return false;
  return new Promise((resolve) => {
    const child = spawn(opener.command, [...opener.parameters], { detached: true, stdio: 'ignore', windowsHide: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      // An opener that finds no browser ends at once with an error; one that found it may live as long as the browser.
      const timer = setTimeout(() => resolve(true), 1500);
      child.once('exit', (code) => {
        clearTimeout(timer);
        resolve(code === 0);
      });
    });
  });
}
