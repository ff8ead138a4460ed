import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('./fail-point.ts', import.meta.url));
const run = (setting: string | undefined) =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { createFailPoint } from ${JSON.stringify(source)}; const p = createFailPoint(process.env.FARM_FAIL_POINT); for (const name of ['a', 'b', 'a', 'a']) { p(name); console.log(name); }`,
    ],
    { encoding: 'utf8', env: { ...process.env, ...(setting === undefined ? {} : { FARM_FAIL_POINT: setting }) } },
  );

test.each([
  ['a', 'SIGKILL', ''],
  ['b', 'SIGKILL', 'a'],
  ['a:2', 'SIGKILL', 'ab'],
  ['a:9', null, 'abaa'],
  ['c', null, 'abaa'],
  ['', null, 'abaa'],
  [undefined, null, 'abaa'],
])('%j ends it with %s after %j', (setting, signal, passed) => {
  const result = run(setting);
  expect([result.signal, result.stdout.replaceAll('\n', '')]).toEqual([signal, passed]);
});
