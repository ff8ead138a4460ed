import type { Page } from 'playwright-core';

/** Milliseconds from the navigation's start to the first contentful paint. */
export const firstPaint = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const [entry] = list.getEntriesByName('first-contentful-paint');
          if (entry !== undefined) resolve(entry.startTime);
        }).observe({ type: 'paint', buffered: true });
      }),
  );

/** Every script that the page has loaded until now, unpacked, largest first. */
export const scripts = (page: Page): Promise<readonly { readonly name: string; readonly bytes: number }[]> =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry) => entry instanceof PerformanceResourceTiming && entry.name.endsWith('.js'))
      .map((entry) => ({
        name: entry.name.split('/').at(-1) ?? '',
        bytes: entry instanceof PerformanceResourceTiming ? entry.decodedBodySize : 0,
      }))
      .sort((a, b) => b.bytes - a.bytes),
  );

/** Milliseconds from the click's moment to the end of the first frame that shows a row of the list. */
export const listFrame = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const startedMs = performance.now();
        window.location.hash = '#/instances';
        const look = (): void => {
          if (document.querySelector('.table-row:not([aria-busy])') === null) requestAnimationFrame(look);
          // what was found now is drawn in this frame; the next one begins after it
          else requestAnimationFrame(() => resolve(performance.now() - startedMs));
        };
        requestAnimationFrame(look);
      }),
  );

const pixelsPerSecond = 2400;
const frames = 120;

/**
 * 120 frames of a quick scroll with the wheel, as the browser's own input makes it (a script that sets `scrollTop` would force a layout in each
 * frame and measure that). A frame that comes more than 25 ms after the one before it is late.
 */
export async function scroll(page: Page): Promise<{ readonly late: number; readonly worstMs: number; readonly scrolledPx: number }> {
  const session = await page.context().newCDPSession(page);
  const counted = page.evaluate(
    (count) =>
      new Promise<{ late: number; worstMs: number; scrolledPx: number }>((resolve) => {
        const scroller = document.querySelector('.table-scroll');
        const times: number[] = [];
        let startPx = 0;
        const begin = (): void => {
          startPx = scroller?.scrollTop ?? 0;
          requestAnimationFrame(step);
        };
        const step = (atMs: number): void => {
          times.push(atMs);
          if (times.length <= count) {
            requestAnimationFrame(step);
            return;
          }
          const gaps = times.slice(1).map((at, place) => at - (times[place] ?? at));
          const scrolledPx = (scroller?.scrollTop ?? 0) - startPx;
          resolve({ late: gaps.filter((ms) => ms > 25).length, worstMs: Math.max(...gaps), scrolledPx });
        };
        scroller?.addEventListener('scroll', begin, { once: true });
      }),
    frames,
  );
  // the gesture goes on for longer than the frames that are counted, even when half of them are late
  const gesture = session.send('Input.synthesizeScrollGesture', {
    ...{ x: 700, y: 500, yDistance: -pixelsPerSecond * 4, speed: pixelsPerSecond, gestureSourceType: 'mouse', preventFling: true },
  });
  const result = await counted;
  await gesture;
  await session.detach();
  return result;
}
