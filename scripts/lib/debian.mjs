import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { runQuietly } from './children.mjs';
import { say } from './words.mjs';

const isDebian = existsSync('/etc/debian_version');

/** @param {string} name */
function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own way to name a field.
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return stdout === 'installed';
}

/**
 * Installs what is missing of Debian's packages, when we are root on Debian. Services that packages bring are not started: a test starts its
 * own, on ports of its own. Answers with what is still missing, and says so.
 * @param {readonly string[]} names
 * @returns {Promise<readonly string[]>}
 */
export async function ensureDebianPackages(names) {
  if (!isDebian) return names;
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return [];
  if (process.getuid?.() !== 0) {
    process.stderr.write(`${say('packagesMissing', { packages: missing.join(' ') })}\n`);
    return missing;
  }
  process.stderr.write(`${say('aptUpdating', { packages: missing.join(', ') })}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await runQuietly('apt-get', ['update', '-qq'], { env });
  const { code, output } = await runQuietly(
    'apt-get',
    ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '-qq', '--no-install-recommends', ...missing],
    { env },
  );
  if (code === 0) return [];
  process.stderr.write(`${output.trimEnd()}\n${say('aptFailed', { packages: missing.join(', ') })}\n`);
  return missing.filter((name) => !isInstalled(name));
}
