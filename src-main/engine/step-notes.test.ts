import { expect, test } from 'vitest';
import { mostNotes, toldOf, toldWith } from './step-notes.ts';

const note = (seconds: number) => ({ code: 'not-quiet', parameters: { seconds } });

test('a step keeps what it told once, beside what its parts remember, and at most the last few', () => {
  let checkpoint = toldWith({ parts: { process: {} } }, note(1));
  checkpoint = toldWith(checkpoint, note(1));
  expect([checkpoint['parts'], toldOf(checkpoint)]).toEqual([{ process: {} }, [note(1)]]);
  for (let seconds = 2; seconds <= mostNotes + 3; seconds += 1) checkpoint = toldWith(checkpoint, note(seconds));
  expect(toldOf(checkpoint)).toEqual(Array.from({ length: mostNotes }, (_, at) => note(at + 4)));
});

test.each([undefined, 'no', [{ code: 7 }]])('what stands there otherwise (%j) is no note', (told) => {
  expect(toldOf({ told })).toEqual([]);
});
