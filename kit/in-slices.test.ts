import { expect, test } from 'vitest';
import { mapInSlices } from './in-slices.ts';

test('pauses between slices, and not after the last', async () => {
  const seen: (number | 'pause')[] = [];
  const pause = async (): Promise<void> => void seen.push('pause');
  const doubled = await mapInSlices([1, 2, 3, 4], 2, pause, (item) => {
    seen.push(item);
    return item * 2;
  });
  expect(doubled).toEqual([2, 4, 6, 8]);
  expect(seen).toEqual([1, 2, 'pause', 3, 4]);
  expect(await mapInSlices([], 2, pause, String)).toEqual([]);
});

test('throws what fails in one of them', async () => {
  const failing = mapInSlices([1, 2], 1, Promise.resolve.bind(Promise), (item) => {
    if (item === 2) throw new Error('two');
    return item;
  });
  await expect(failing).rejects.toThrow('two');
});
