import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { windowBounds } from './window-bounds.ts';

const hd = { x: 0, y: 0, width: 1920, height: 1040 };
const beside = { x: 1920, y: 0, width: 2560, height: 1400 };

describe('the window is put', () => {
  it('as it is wanted where there is room', () =>
    expect(windowBounds([hd], undefined)).toEqual({ width: 1440, height: 900, minWidth: 900, minHeight: 560 }));

  it('within 1080p at 150 %, where 1280×672 are free, and can be made smaller there', () =>
    expect(windowBounds([{ x: 0, y: 0, width: 1280, height: 672 }], undefined)).toEqual({
      width: 1280,
      height: 672,
      minWidth: 900,
      minHeight: 560,
    }));

  it('within a screen that is smaller than its least size', () =>
    expect(windowBounds([{ x: 0, y: 0, width: 800, height: 480 }], undefined)).toEqual({
      width: 800,
      height: 480,
      minWidth: 800,
      minHeight: 480,
    }));

  it.each([
    [
      'on the second screen, as it was left',
      { x: 2000, y: 100, width: 2000, height: 1200 },
      [hd, beside],
      { x: 2000, y: 100, width: 2000 },
    ],
    ['on the first, when the second has gone', { x: 2000, y: 100, width: 2000, height: 1200 }, [hd], { width: 1440 }],
    ['in the middle, when its upper edge was above the screen', { x: 10, y: -30, width: 1000, height: 700 }, [hd], { width: 1440 }],
    ['no larger than the screen that it is on', { x: 0, y: 0, width: 4000, height: 3000 }, [hd], { x: 0, y: 0, width: 1920, height: 1040 }],
  ] as const)('%s', (_what, remembered, areas, expected) => {
    const [first, ...rest] = areas;
    const bounds = windowBounds([first, ...rest], remembered);
    expect(bounds).toMatchObject(expected);
    expect('x' in bounds).toBe('x' in expected);
  });
});

test('never larger than a screen, never less than its least size, and within reach wherever it was left', () => {
  const side = fc.integer({ min: 320, max: 8000 });
  const corner = fc.integer({ min: -9000, max: 9000 });
  const rectangle = fc.record({ x: corner, y: corner, width: side, height: side });
  fc.assert(
    fc.property(fc.array(rectangle, { minLength: 1, maxLength: 3 }), fc.option(rectangle, { nil: undefined }), (areas, remembered) => {
      const [first, ...rest] = areas;
      if (first === undefined) return;
      const { x, y, width, height, minWidth, minHeight } = windowBounds([first, ...rest], remembered);
      expect(areas.some((area) => width <= area.width && height <= area.height)).toBe(true);
      expect(width >= minWidth && height >= minHeight).toBe(true);
      if (x === undefined || y === undefined) return;
      const isWithinReach = areas.some(
        (area) => x + width >= area.x + 160 && x + 160 <= area.x + area.width && y >= area.y && y + 40 <= area.y + area.height,
      );
      expect(isWithinReach).toBe(true);
    }),
  );
});

test('a screen that says that it has no room at all (none is connected yet) makes no window that nobody can see', () => {
  const none = { x: 0, y: 0, width: 0, height: 0 };
  expect(windowBounds([none], undefined)).toEqual({ width: 1440, height: 900, minWidth: 900, minHeight: 560 });
  expect(windowBounds([none], { x: 5, y: 5, width: 1000, height: 700 })).toMatchObject({ width: 1440, height: 900 });
});
