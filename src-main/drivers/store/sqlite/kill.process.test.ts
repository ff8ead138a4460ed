import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { openSqliteStore } from './index.ts';

const writer = `
import { openSqliteStore } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
const store = await openSqliteStore({ file: process.argv[1], clock: { nowMs: () => 1, after: () => () => undefined } });
for (let n = 0; ; n += 1) {
  await store.transaction(async (tables) => {
    await tables.settings.insert({ id: 'left-' + n, farmId: '', value: n });
    await tables.settings.insert({ id: 'right-' + n, farmId: '', value: n });
  });
  process.stdout.write(n + '\\n');
}
`;

it('has every acknowledged row and no half transaction after kill -9', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'farm-kill-'));
  try {
    const file = join(folder, 'farm.sqlite');
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = -1;
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line);
      if (acknowledged === 100) {
        child.kill('SIGKILL');
      }
    }
    if (child.exitCode === null && child.signalCode === null) {
      await once(child, 'exit');
    }
    expect(child.signalCode).toBe('SIGKILL');
    const store = await openSqliteStore({ file, clock: { nowMs: () => 1, after: () => () => undefined } });
    const ids = new Set((await store.settings.find()).map((row) => row.id));
    await store.close();
    expect(acknowledged).toBeGreaterThanOrEqual(100);
    for (let n = 0; n <= acknowledged; n += 1) {
      expect([n, ids.has(`left-${n}`), ids.has(`right-${n}`)]).toEqual([n, true, true]);
    }
    expect(ids.size % 2).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
