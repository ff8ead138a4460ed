import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundles as mainBundles } from '../build/main-process.mjs';
import { nameServerBundle } from '../build/name-server.mjs';

/** Faster native halves that pg and ws look for and do without: both catch the failure. None is brought along. */
const optional = ['bufferutil', 'pg-native', 'utf-8-validate'];

const bundles = { ...mainBundles, 'name-server': nameServerBundle };
type Bundle = { inputs: string[]; foreign: string[] };
const made = {} as Record<keyof typeof bundles, Bundle>;

/** What went into a bundle, and what it still asks for when it runs; Node's own modules left out. */
beforeAll(async () => {
  for (const name of ['main', 'core', 'preload', 'http', 'cli', 'name-server'] as const) {
    const { metafile } = await build({ ...bundles[name], write: false, metafile: true });
    const [output] = Object.values(metafile.outputs);
    const foreign = (output?.imports ?? []).filter(({ external }) => external === true).map(({ path }) => path);
    made[name] = { inputs: Object.keys(metafile.inputs), foreign: [...new Set(foreign)].filter((path) => !isBuiltin(path)).sort() };
  }
}, 60_000);

describe('the bundle of', () => {
  it('the preload needs only electron, not even a module of Node', async () => {
    const { outputFiles } = await build({ ...bundles.preload, write: false });
    const required = [...(outputFiles?.[0]?.text ?? '').matchAll(/require\(["']([^"']+)["']\)|import\(/g)].map(([, name]) => name);
    expect(new Set(required)).toEqual(new Set(['electron']));
    expect(made.preload.inputs.sort()).toEqual([
      'src-main/shells/electron/channels.ts',
      'src-main/shells/electron/preload-bridge.ts',
      'src-main/shells/electron/preload.ts',
    ]);
  });

  it.each([
    ['main', ['electron/common', 'electron/main']],
    ['core', ['better-sqlite3']],
    ['http', ['better-sqlite3']],
    ['cli', []],
    ['name-server', []],
  ] as const)('%s asks only for %j besides Node', (name, foreign) => {
    expect(made[name].foreign.filter((path) => !optional.includes(path))).toEqual(foreign);
  });

  it.each(['main', 'core', 'http', 'cli', 'preload', 'name-server'] as const)(
    '%s holds no test, no window, no agent and no tool of development',
    (name) => {
      const { inputs } = made[name];
      expect(inputs.length).toBeGreaterThan(2);
      expect(
        inputs.filter((path) =>
          /\.test\.|\/testing\/|\/fixtures\/|^(src-renderer|agent|e2e|bench|scripts)\/|node_modules\/(vitest|react|@mantine|esbuild|vite|typescript|electron|fast-check)\//.test(
            path,
          ),
        ),
      ).toEqual([]);
    },
  );

  it('a core does not hold what reads questions about names, and what does holds nothing else of the program', () => {
    const server = /drivers\/dns\/builtin\/(wire|answer|name-server|tcp-connections|response-rate)[.]ts$/;
    for (const name of ['core', 'main', 'http'] as const) expect(made[name].inputs.filter((path) => server.test(path))).toEqual([]);
    expect(made['name-server'].inputs.filter((path) => !/^src-main\/drivers\/dns\/builtin\/|^node_modules\//.test(path))).toEqual([
      'src-main/model/domains/dns-name.ts',
    ]);
    expect(made['name-server'].inputs.filter((path) => /^node_modules\/(?!dns-packet\/|@leichtgewicht\/ip-codec\/)/.test(path))).toEqual(
      [],
    );
  });

  it('one shell holds nothing of another', () => {
    expect(made.http.inputs.filter((path) => /shells\/(electron|cli)\//.test(path))).toEqual([]);
    expect(made.main.inputs.filter((path) => /shells\/(http|cli)\/|node_modules\/@?fastify/.test(path))).toEqual([]);
    expect(made.core.inputs.filter((path) => /shells\/(http|cli)\/|node_modules\/@?fastify/.test(path))).toEqual([]);
    expect(made.cli.inputs.filter((path) => /shells\/(http|electron)\/|src-main\/(compose|services|model)/.test(path))).toEqual([]);
  });
});
