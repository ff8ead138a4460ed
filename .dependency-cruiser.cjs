/**
 * Who may import whom: an allow-list. What no row allows is refused, and `scripts/checks/imports.mjs` answers with the row's own words.
 * `from` and `to` are patterns of paths; `$1` in `to` is what the first group of `from` matched ("the same area").
 *
 * One row a folder:
 *   folder    how the refusal names it
 *   from      the files it speaks of
 *   to        files of ours that they may import (beside their own folder only where the row says so)
 *   packages  libraries
 *   hasNode   whether Node's own modules are allowed
 */
const kit = '^kit/(?!node/)';
const kitNode = '^kit/';
/** The made-up farm in it is for pictures and tests; no program holds it. */
const contract = '^contract/(?!testing/)';
const madeUpFarm = '^contract/testing/';
const words = '^words/';
const model = '^src-main/model/';
/** What only looks. What changes agents and zones is in ports of its own, for the code that makes it so and the code that carries it out. */
const ports = '^src-main/ports/(?![^/]+-writes[.]ts$)';
const writePorts = '^src-main/ports/[^/]+-writes[.]ts$';
const effects = '^src-main/effects/';
const engine = '^src-main/engine/';
const checksFolder = '^src-main/checks/';
const agentShared = ['^agent/ports[.]ts$', '^agent/os/(host-os|identity|limits|listener)[.]ts$'];
const orpc = ['@orpc/client', '@orpc/contract', '@orpc/server', '@orpc/openapi', '@orpc/zod'];
const look = ['@mantine/core', '@mantine/hooks', '@tanstack/react-table', '@tanstack/react-virtual', 'uplot'];
const react = ['react', 'react-dom'];

/** Libraries of each kind of driver and of each folder of the agent. A new library for a kind is one word here. */
const driverPackages = {
  acme: ['axios', 'acme-client'],
  'agent-link': ['ws', ...orpc],
  dns: ['axios', 'dns-packet'],
  edge: [],
  http: ['axios'],
  'local-agents': [],
  notify: ['axios'],
  packages: ['axios', 'tar-stream', 'yauzl'],
  pki: ['@peculiar/x509', 'reflect-metadata'],
  probe: ['axios', 'dns-packet', 'ws'],
  secrets: [],
  // Small files that every kind may use; it is no driver.
  shared: [],
  ssh: [],
  store: ['kysely', 'better-sqlite3', 'pg'],
  system: ['@scure/base'],
};
const agentPackages = {
  collectors: [],
  commands: ['tar-stream', '@orpc/server'],
  edge: ['@scure/base'],
  link: ['ws', '@orpc/server', '@orpc/contract', '@orpc/client'],
  state: [],
  supervise: [],
};

const drivers = Object.entries(driverPackages).flatMap(([kind, packages]) => [
  {
    folder: `src-main/drivers/${kind}`,
    from: `^src-main/drivers/${kind}/`,
    to: [
      contract,
      model,
      ports,
      writePorts,
      kitNode,
      '^src-main/drivers/shared/',
      `^src-main/drivers/${kind}/[^/]+$`,
      `^src-main/drivers/${kind}/(migrations|fixtures)/`,
    ],
    packages: ['zod', ...packages],
    hasNode: true,
  },
  // A driver sees its own folder and the files that its kind shares; the kind's table sees every driver of the kind.
  { folder: `src-main/drivers/${kind}/<name>`, from: `^src-main/drivers/${kind}/([^/]+)/`, to: [`^src-main/drivers/${kind}/$1/`] },
  { folder: `src-main/drivers/${kind}/index.ts`, from: `^src-main/drivers/${kind}/[^/]+[.]ts$`, to: [`^src-main/drivers/${kind}/`] },
]);

const agentFolders = Object.entries(agentPackages).map(([name, packages]) => ({
  folder: `agent/${name}`,
  from: `^agent/${name}/(?!main[.]ts$)`,
  to: [contract, words, kitNode, ...agentShared, `^agent/${name}/`],
  packages: ['zod', ...packages],
  hasNode: true,
}));

const rows = [
  { folder: 'kit', from: kit, to: [kit] },
  { folder: 'kit/node', from: '^kit/node/', to: [kitNode], hasNode: true },
  { folder: 'contract', from: contract, to: [contract, kit], packages: ['zod', 'ipaddr.js', '@scure/base', '@orpc/contract'] },
  { folder: 'contract/testing', from: madeUpFarm, to: [contract, madeUpFarm] },
  { folder: 'words', from: words, to: [contract, words], packages: ['intl-messageformat', '@schummar/icu-type-parser', '@scure/bip39'] },
  { folder: 'src-main/model', from: model, to: [contract, model, kit], packages: ['zod', 'any-ascii', 're2js'] },
  { folder: 'src-main/ports', from: ports, to: [contract, model, ports], packages: ['zod'] },
  { folder: 'src-main/ports/*-writes.ts', from: writePorts, to: [contract, model, ports, writePorts] },
  { folder: 'src-main/follow', from: '^src-main/follow/', to: [contract, model, ports, kit, '^src-main/follow/'] },
  // What is watched and remembered: alerts.
  {
    folder: 'src-main/signals',
    from: '^src-main/signals/',
    to: [contract, model, ports, effects, checksFolder, kit, '^src-main/signals/'],
  },
  {
    folder: 'src-main/services/<area>',
    from: '^src-main/services/([^/]+)/',
    to: [contract, model, ports, kit, checksFolder, engine, '^src-main/services/$1/'],
    packages: ['zod', '@scure/base', '@orpc/server', '@orpc/contract'],
  },
  // The only code that changes the world: one file, or one folder, for each kind of thing in it.
  {
    folder: 'src-main/effects',
    from: effects,
    to: [contract, model, ports, writePorts, kit, effects, checksFolder],
    packages: ['zod', '@scure/base'],
  },
  // It knows what an effect is, and none of them; no area, and nothing of the world.
  {
    folder: 'src-main/engine',
    from: engine,
    to: [contract, model, ports, kit, engine, '^src-main/effects/effect[.]ts$'],
    packages: ['zod'],
  },
  { folder: 'src-main/checks', from: checksFolder, to: [contract, model, ports, kit, checksFolder], packages: ['zod', '@scure/base'] },
  {
    folder: 'src-main/jobs/<area>',
    from: '^src-main/jobs/([^/]+)/',
    to: [contract, model, ports, kit, effects, checksFolder, engine, '^src-main/jobs/$1/'],
    packages: ['zod'],
  },
  ...drivers,
  {
    folder: 'src-main/compose',
    from: '^src-main/compose',
    to: [contract, words, kitNode, '^src-main/(?!shells/)'],
    packages: ['zod', ...orpc],
    hasNode: true,
  },
  {
    folder: 'src-main/shells (shared files)',
    from: '^src-main/shells/[^/]+[.]ts$',
    // `drivers/shared` writes files whole; it is no driver.
    to: [contract, words, ports, kitNode, '^src-main/compose', '^src-main/drivers/shared/', '^src-main/shells/[^/]+[.]ts$'],
    packages: ['zod', ...orpc],
    hasNode: true,
  },
  {
    folder: 'src-main/shells/electron',
    from: '^src-main/shells/electron/',
    to: [
      contract,
      words,
      ports,
      kitNode,
      '^src-main/compose',
      '^src-main/shells/[^/]+[.]ts$',
      '^src-main/shells/electron/',
      '^electron/(main|common|renderer)$',
    ],
    packages: ['electron', 'zod', ...orpc],
    hasNode: true,
  },
  {
    folder: 'src-main/shells/http',
    from: '^src-main/shells/http/',
    to: [
      contract,
      words,
      ports,
      kitNode,
      '^src-main/compose',
      '^src-main/drivers/shared/',
      '^src-main/shells/[^/]+[.]ts$',
      '^src-main/shells/http/',
    ],
    packages: ['fastify', '@fastify/cookie', '@fastify/static', '@fastify/websocket', 'ws', 'zod', ...orpc],
    hasNode: true,
  },
  {
    folder: 'src-main/shells/cli',
    from: '^src-main/shells/cli/',
    to: [contract, words, kit, '^src-main/shells/[^/]+[.]ts$', '^src-main/shells/cli/'],
    packages: ['zod', 'ws', '@orpc/client', '@orpc/contract'],
    hasNode: true,
  },
  {
    folder: 'src-main/testing',
    from: '^src-main/testing/',
    to: [contract, words, kitNode, '^src-main/', '^assets/'],
    packages: ['vitest', 'fast-check', 'zod', 'dns-packet', 'ws', ...orpc],
    hasNode: true,
  },
  { folder: 'src-renderer/ui', from: '^src-renderer/ui/', to: ['^src-renderer/ui/'], packages: [...react, ...look] },
  {
    folder: 'src-renderer/lib, src-renderer/stores',
    from: '^src-renderer/(lib|stores)/',
    // The pure texts of `ui` (durations, ages, escaping) are written once; no part of it may be drawn from here.
    to: [contract, words, kit, '^src-renderer/(lib|stores)/', '^src-renderer/ui/(escape|duration|relative-time)-text[.]ts$'],
    packages: ['react', 'zustand', '@tanstack/react-query', 'zod', '@scure/base', ...orpc],
  },
  {
    folder: 'src-renderer/features/<area>',
    from: '^src-renderer/features/([^/]+)/',
    to: [contract, words, '^src-renderer/(ui|lib|stores)/', '^src-renderer/features/$1/'],
    packages: [...react, 'zustand', 'zod', '@tanstack/react-router', '@tanstack/react-table'],
  },
  {
    folder: 'src-renderer/app',
    from: '^src-renderer/app/',
    to: [contract, words, kit, '^src-renderer/'],
    packages: [...react, ...look, ...orpc, 'zustand', 'zod', '@tanstack/react-router'],
  },
  { folder: 'src-renderer/app/gallery', from: '^src-renderer/app/gallery/', to: [madeUpFarm] },
  { folder: 'agent/ports.ts', from: '^agent/ports[.]ts$', to: [contract, ...agentShared] },
  { folder: 'agent/os', from: '^agent/os/[^/]+[.]ts$', to: [contract, '^agent/os/', '^agent/ports[.]ts$'], hasNode: true },
  {
    folder: 'agent/os/<system>',
    from: '^agent/os/([^/]+)/',
    to: [contract, '^kit/setpriv[.]ts$', '^agent/os/[^/]+[.]ts$', '^agent/os/$1/', '^agent/ports[.]ts$'],
    hasNode: true,
  },
  ...agentFolders,
  {
    folder: 'agent/main.ts',
    from: '^agent/[^/]+[.]ts$',
    to: [contract, words, kitNode, '^agent/(?!edge/main[.]ts$)'],
    packages: ['zod', 'ws', '@orpc/server'],
    hasNode: true,
  },
  {
    folder: 'agent/edge/main.ts',
    from: '^agent/edge/main[.]ts$',
    to: [contract, words, kitNode, '^agent/(edge|os)/', '^agent/ports[.]ts$'],
    packages: ['zod'],
    hasNode: true,
  },
  { folder: 'scripts', from: '^scripts/(?!checks/|build/)', to: ['^scripts/'], hasNode: true },
  {
    folder: 'scripts/build',
    from: '^scripts/build/',
    to: ['^scripts/(lib|build)/', contract],
    packages: ['esbuild', 'vite'],
    hasNode: true,
  },
  {
    folder: 'scripts/checks',
    from: '^scripts/checks/',
    to: ['^scripts/', '^[.]dependency-cruiser[.]cjs$', '^package[.]json$'],
    packages: ['@swc/core', 'dependency-cruiser', 'esbuild', 'ajv', '@electron/asar', '@electron/fuses', 'app-builder-lib', 'js-yaml'],
    hasNode: true,
  },
  {
    folder: 'e2e',
    from: '^e2e/',
    to: [contract, madeUpFarm, '^e2e/'],
    packages: ['@playwright/test', 'playwright-core', '@axe-core/playwright', 'zod', ...orpc, 'ws', 'dns-packet', 'vitest'],
    hasNode: true,
  },
  { folder: 'bench', from: '^bench/', to: ['^'], packages: ['.+'], hasNode: true },
  { folder: 'settings of tools', from: '^[^/]+[.](ts|cjs|mjs)$', to: ['^'], packages: ['.+'], hasNode: true },
];

/** What a test may import beside what its own folder's row allows. */
const isTest = '([.]test[.]tsx?$|/fixtures/|/testing/|/conformance[.]ts$)';
const testRows = [
  { folder: 'tests', from: isTest, to: [contract, words], packages: ['vitest', 'fast-check'], hasNode: true },
  { folder: 'tests of words', from: `^words/.*${isTest}`, to: ['^src-renderer/', '^src-main/(model|services)/'] },
  {
    folder: 'tests in src-main',
    from: `^src-main/.*${isTest}`,
    to: ['^src-main/testing/', '^assets/packages/'],
    packages: ['zod', 'ws', 'dns-packet', ...orpc],
  },
  {
    folder: 'tests of the web console',
    from: `^src-main/shells/http/.*${isTest}`,
    to: [],
    packages: ['@seriousme/openapi-schema-validator'],
  },
  // Both ends of the window's port are tried together, as the window's own code asks for it.
  { folder: 'tests of the desktop shell', from: `^src-main/shells/electron/.*${isTest}`, to: ['^src-renderer/lib/'] },
  // A hook is tried in React itself, on a page that draws nothing.
  {
    folder: "tests of the window's hooks",
    from: `^src-renderer/lib(?=/).*${isTest}`,
    to: ['^src-renderer/lib/'],
    packages: ['react', 'react-dom'],
  },
  { folder: 'tests of the drivers of one kind', from: `^src-main/drivers/([^/]+)/.*${isTest}`, to: ['^src-main/drivers/$1/'] },
  // The program of a process is tried as it is built.
  { folder: 'tests of the name server', from: `^src-main/drivers/dns/builtin/process/(?=.).*${isTest}`, to: [], packages: ['esbuild'] },
  {
    folder: 'tests of the agent link, both ends in one',
    from: '^src-main/drivers/agent-link/(.*[.]test[.]ts$|fixtures/)',
    to: ['^agent/(link|os)/', '^src-main/drivers/(pki|system)/', '^src-main/drivers/agent-link/'],
  },
  {
    folder: 'tests of the agent',
    from: `^agent(?=/).*${isTest}`,
    to: ['^agent/'],
    packages: ['zod', 'ws', 'tar-stream', '@peculiar/x509', 'reflect-metadata', 'esbuild', ...orpc],
  },
  { folder: 'tests in assets', from: '^assets/.*[.]test[.]ts$', to: [contract, '^assets/'], packages: ['vitest'], hasNode: true },
  {
    folder: 'tests of the services together',
    from: `^src-main/(services|model|follow|signals|engine|effects|checks|jobs|compose|shells).*${isTest}`,
    to: ['^src-main/', words],
  },
  {
    folder: 'tests of scripts',
    from: `^scripts/.*${isTest}`,
    to: ['^scripts/', contract],
    packages: ['vitest', 'fast-check', 'esbuild', 'ajv', '@electron/asar', '@electron/fuses', 'app-builder-lib', 'js-yaml'],
    hasNode: true,
  },
];

/** @param {readonly string[]} names */
const inNodeModules = (names) =>
  `^node_modules/(@types/)?(${names.map((name) => name.replace('.', name === '.+' ? '.' : '[.]')).join('|')})/`;

const allowed = [...rows, ...testRows].flatMap(({ from, to, packages, hasNode }) => [
  ...(to.length > 0 ? [{ from: { path: from }, to: { path: to } }] : []),
  ...(packages === undefined || packages.length === 0 ? [] : [{ from: { path: from }, to: { path: inNodeModules(packages) } }]),
  ...(hasNode === true ? [{ from: { path: from }, to: { dependencyTypes: ['core'] } }] : []),
]);

module.exports = {
  rows,
  allowed,
  allowedSeverity: 'error',
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Two files that need each other are one file, or miss a third.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    // Without swc every .ts file is passed over and nothing is ever refused: TypeScript 7 has no JavaScript API.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|release|reports|payload)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'require', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
