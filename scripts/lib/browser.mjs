import { existsSync } from 'node:fs';
import { ensureDebianPackages } from './debian.mjs';
import { say } from './words.mjs';

const known = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const find = () => [process.env.CHROMIUM_PATH ?? '', ...known].find((path) => path !== '' && existsSync(path));

/**
 * The browser of the tests: one that is there, or Debian's, installed now; and the tool by which it is told whom to trust.
 * @returns {Promise<string | undefined>}
 */
export async function ensureBrowser() {
  await ensureDebianPackages(['libnss3-tools']);
  const found = find();
  if (found !== undefined) return found;
  await ensureDebianPackages(['chromium']);
  const installed = find();
  if (installed === undefined) process.stderr.write(`${say('browserMissing')}\n`);
  return installed;
}
