import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryHome } from '../testing/test-agent.ts';

let home: Awaited<ReturnType<typeof temporaryHome>>;
beforeEach(async () => {
  home = await temporaryHome();
  await mkdir(home.folders.logs, { recursive: true });
});
afterEach(() => home.remove());

/** Runs a piece of program under the agent's watch for bugs. */
function watched(program: string) {
  const at = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
  const path = join(home.folders.logs, 'agent.log');
  const source = `import { watchForBugs } from ${at('./watch-for-bugs.ts')}; import { createJsonLog } from ${at('../state/json-log.ts')};
    watchForBugs(createJsonLog(${JSON.stringify(path)}, { nowMs: Date.now })); ${program}`;
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return { ...result, logged: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test('a promise that nobody waited for is logged with a reference, and the agent goes on', () => {
  const { status, stdout, stderr, logged } = watched(`Promise.reject(new Error('lost')); setTimeout(() => console.log('goes on'), 50);`);
  expect([status, stdout, stderr]).toEqual([0, 'goes on\n', '']);
  expect(logged).toMatchObject([{ level: 'bug', message: 'lost', reference: expect.stringMatching(/^[0-9a-f]{10}$/) }]);
  expect(logged).toMatchObject([{ at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), caught: 'unhandledRejection' }]);
});

test('an exception out of nowhere ends it with 1, and the reference is on stderr and in the log', () => {
  const { status, stderr, logged } = watched(
    `setTimeout(() => { throw new Error('half done'); }, 5); setTimeout(() => console.log('no'), 500);`,
  );
  expect(status).toBe(1);
  expect(JSON.parse(stderr)).toEqual({ code: 'INTERNAL', parameters: { reference: logged[0]?.['reference'] } });
  expect(logged).toMatchObject([{ message: 'half done' }]);
});
