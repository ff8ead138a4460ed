import { expect, test } from 'vitest';
import { setprivArguments } from './setpriv.ts';

test.each([
  [{}, ['--no-new-privs', '--']],
  [{ endsWithParent: true }, ['--no-new-privs', '--pdeathsig=KILL', '--']],
  [
    { userId: 70_001 },
    ['--reuid=70001', '--regid=70001', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all', '--no-new-privs', '--'],
  ],
])('%j is said to setpriv', (wanted, said) => {
  expect(setprivArguments(wanted)).toEqual(said);
});
