import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findForbiddenImports } from './imports.mjs';

/** A small house with a crime of every kind planted in it, so that a check that has gone blind fails here. */
const crimes = {
  'kit/contract-in-kit.ts': "import { code } from '#contract/errors.ts';\nexport const y = code;",
  'kit/node-in-kit.ts': "import { join } from 'node:path';\nexport const z = join;",
  'src-main/services/servers/files-in-service.ts': "import { files } from '../../../kit/node/files.ts';\nexport const x = files;",
  'contract/node-in-contract.ts': "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;",
  'words/core-in-words.ts': "import { b } from '../src-main/model/instances/name.ts';\nexport const c = b;",
  'src-main/model/words-in-model.ts': "import { hello } from '#words/en.ts';\nexport const d = hello;",
  'src-main/model/type-of-a-driver.ts': "import type { Driver } from '../drivers/dns/powerdns/index.ts';\nexport type E = Driver;",
  'src-main/model/re-export.ts': "export { driver } from '../drivers/dns/powerdns/index.ts';",
  'src-main/model/dynamic.ts': "export const f = () => import('../drivers/dns/powerdns/index.ts');",
  'src-main/services/servers/other-area.ts': "import { g } from '../instances/create.ts';\nexport const h = g;",
  'src-main/services/servers/writes-in-service.ts':
    "import type { AgentWrites } from '../../ports/agent-writes.ts';\nexport type V = AgentWrites;",
  'src-main/services/domains/writes-in-service.ts':
    "import type { DnsWrites } from '../../ports/dns-writes.ts';\nexport type W = DnsWrites;",
  'src-main/services/domains/effect-in-service.ts': "import { put } from '../../effects/record.ts';\nexport const x = put;",
  'src-main/checks/writes-in-check.ts': "import type { DnsWrites } from '../ports/dns-writes.ts';\nexport type X = DnsWrites;",
  'src-main/follow/writes-in-follow.ts': "import type { AgentWrites } from '../ports/agent-writes.ts';\nexport type Y = AgentWrites;",
  'src-main/jobs/domains/writes-in-job.ts': "import type { DnsWrites } from '../../ports/dns-writes.ts';\nexport type Z = DnsWrites;",
  'src-main/engine/writes-in-engine.ts': "import type { AgentWrites } from '../ports/agent-writes.ts';\nexport type A = AgentWrites;",
  'src-main/ports/writes-in-reads.ts': "export type { AgentWrites } from './agent-writes.ts';",
  'src-main/drivers/dns/cloudflare/other-driver.ts': "import { driver } from '../powerdns/index.ts';\nexport const i = driver;",
  'src-main/drivers/dns/powerdns/foreign-library.ts': "import pg from 'pg';\nexport const j = pg;",
  'src-main/shells/http/electron-in-http.ts': "import { app } from 'electron';\nexport const k = app;",
  'src-main/shells/cli/core-in-cli.ts': "import { compose } from '../../compose.ts';\nexport const l = compose;",
  'src-renderer/ui/contract-in-ui.ts': "import type { Code } from '#contract/errors.ts';\nexport type M = Code;",
  'src-renderer/features/servers/other-feature.tsx': "import { n } from '../instances/list.tsx';\nexport const o = n;",
  'src-renderer/lib/node-in-window.ts': "import { join } from 'node:path';\nexport const p = join;",
  'agent/link/commands-in-link.ts': "import { q } from '../commands/packages.ts';\nexport const r = q;",
  'agent/link/undici-in-link.ts': "import { request } from 'undici';\nexport const s = request;",
  'agent/edge/agent-in-edge.ts': "import { q } from '../commands/packages.ts';\nexport const t = q;",
  'e2e/core-in-e2e.ts': "import { compose } from '../src-main/compose.ts';\nexport const u = compose;",
} as const;

const honest = {
  'package.json': JSON.stringify({
    type: 'module',
    imports: { '#kit/*': './kit/*', '#contract/*': './contract/*', '#words/*': './words/*' },
  }),
  'kit/node/files.ts': "import 'node:fs';\nexport const files = 1;",
  'contract/errors.ts': "export type Code = 'A';\nexport const code = 'A';",
  'words/en.ts': "import type { Code } from '#contract/errors.ts';\nexport const hello: Code = 'A';",
  'src-main/model/instances/name.ts': "import { code } from '#contract/errors.ts';\nexport const b = code;",
  'src-main/ports/agents.ts': "import type { Code } from '#contract/errors.ts';\nexport type AgentReads = Code;",
  'src-main/ports/agent-writes.ts': "import type { AgentReads } from './agents.ts';\nexport type AgentWrites = AgentReads;",
  'src-main/ports/dns-writes.ts': "import type { AgentReads } from './agents.ts';\nexport type DnsWrites = AgentReads;",
  'src-main/effects/record.ts': "import type { DnsWrites } from '../ports/dns-writes.ts';\nexport const put: DnsWrites = 'A';",
  'src-main/drivers/dns/split.ts': "import type { DnsWrites } from '../../ports/dns-writes.ts';\nexport type Split = DnsWrites;",
  'src-main/services/servers/reads-in-service.ts': "import type { AgentReads } from '../../ports/agents.ts';\nexport type B = AgentReads;",
  'src-main/services/instances/create.ts': "import { b } from '../../model/instances/name.ts';\nexport const g = b;",
  'src-main/drivers/dns/powerdns/index.ts':
    "import axios from 'axios';\nimport 'node:fs';\nexport type Driver = string;\nexport const driver = axios;",
  'src-main/compose.ts': "import { driver } from './drivers/dns/powerdns/index.ts';\nexport const compose = driver;",
  'src-renderer/features/instances/list.tsx':
    "import type { Code } from '#contract/errors.ts';\nexport const n = 'n' satisfies string as Code | string;",
  'agent/commands/packages.ts': "import { code } from '#contract/errors.ts';\nexport const q = code;",
};
const libraries = ['pg', 'electron', 'undici', 'axios'];

let house = '';
let problems: string[] = [];

beforeAll(async () => {
  house = realpathSync(mkdtempSync(join(tmpdir(), 'farmstead-house-')));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  };
  for (const [path, text] of Object.entries({ ...honest, ...crimes })) put(path, text);
  for (const name of libraries) {
    put(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    put(`node_modules/${name}/index.js`, 'module.exports = {};');
  }
  ({ problems } = await findForbiddenImports(house));
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

describe('the import table', () => {
  it.each(Object.keys(crimes))('refuses %s', (path) => {
    expect(problems.filter((problem) => problem.startsWith(`${path}:`))).toHaveLength(1);
  });

  it('refuses nothing else', () => {
    const guilty = problems.map((problem) => problem.slice(0, problem.indexOf(':')));
    expect(guilty.sort()).toEqual(Object.keys(crimes).sort());
  });

  it('says what the folder may import', () => {
    expect(problems.find((problem) => problem.startsWith('src-renderer/ui/'))).toContain(
      'src-renderer/ui may import only: src-renderer/ui/, react',
    );
  });
});
