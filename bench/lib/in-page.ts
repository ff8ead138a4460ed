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

/** 120 frames of a quick scroll; one that came more than 25 ms after the one before it is late. */
export const scroll = (page: Page): Promise<{ readonly late: number; readonly worstMs: number }> =>
  page.evaluate(
    () =>
      new Promise<{ late: number; worstMs: number }>((resolve) => {
        const scroller = document.querySelector('.table-scroll');
        const frames: number[] = [];
        const step = (atMs: number): void => {
          frames.push(atMs);
          if (scroller !== null) scroller.scrollTop += 40;
          // ten to come to speed, then the 120 that count
          if (frames.length <= 130) requestAnimationFrame(step);
          else {
            const gaps = frames.slice(11).map((at, place) => at - (frames[place + 10] ?? at));
            resolve({ late: gaps.filter((ms) => ms > 25).length, worstMs: Math.max(...gaps) });
          }
        };
        requestAnimationFrame(step);
      }),
  );
