import { join } from 'node:path';
import { desktopEnvironment, desktopWords } from '../choose-shell.mjs';
import { root } from '../root.mjs';

const standIn = join(root, 'scripts', 'checks', 'fixtures', 'electron-for-node.mjs');
/** Another home is not for a trial, and neither is another program. */
const dropped = ['FARM_HOME', 'FARM_TEST_APP', 'FARM_TEST_RESOURCES', 'FARM_TEST_STAYS'];
/** Where a person's programs keep their things. */
const personNames = ['HOME', 'USERPROFILE', 'LOCALAPPDATA', 'APPDATA'];

/**
 * How the desktop is started, as `npm start` does it; whoever starts it names the file in which it tells that it opened. The real one keeps the person's own
 * folder, where the keychain and the way to the screen are; all that it writes of ours lies in `home`. A stand-in gets an empty one.
 * @param {{ binary: string | undefined, node: string, home: string, person: string, switches: readonly string[] }} given
 * @returns {(more: readonly string[]) => { command: string, parameters: readonly string[], environment: NodeJS.ProcessEnv }}
 */
export function desktopProgram({ binary, node, home, person, switches }) {
  const { platform, env } = process;
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => !dropped.includes(name.toUpperCase())));
  const own = binary === undefined ? Object.fromEntries(personNames.map((name) => [name, person])) : {};
  const environment = { ...desktopEnvironment(inherited, { node, openedFile: '' }), ...own };
  return (more) => ({
    command: binary ?? node,
    parameters: [
      binary === undefined ? standIn : root,
      ...desktopWords([`--home=${home}`, ...more, ...switches], { platform, environment: inherited }),
    ],
    environment,
  });
}
