import type { Page } from 'playwright-core';

/**
 * What a person meets who looks at 200 %: a page that goes sideways, text that is cut, targets that are too small to hit, and things that lie
 * under others. Each finder runs inside the page, holds all it needs, and answers in sentences. WCAG 2.2: 1.4.4, 1.4.10, 1.4.12, 2.4.11, 2.5.8.
 */

/** Whatever scrolls downwards must not also scroll sideways. Tables, logs and blocks of code have boxes of their own for it (1.4.10). */
function findSideways(): string[] {
  const problems: string[] = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) problems.push(`the page is ${root.scrollWidth - innerWidth} px wider than the window`);
  if (root.scrollHeight > innerHeight + 1) problems.push(`the window itself scrolls ${root.scrollHeight - innerHeight} px down`);
  const mayScroll = '.table-scroll, .log, pre, .evidence, .code-box, textarea, input';
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const beyondPx = element.scrollWidth - element.clientWidth;
    if (beyondPx <= 1 || element.clientWidth === 0 || element.closest(mayScroll) !== null) continue;
    const { overflowX } = getComputedStyle(element);
    if (overflowX === 'auto' || overflowX === 'scroll') problems.push(`.${element.className} scrolls ${beyondPx} px sideways`);
  }
  return problems;
}

/** Text that is cut without dots and a title, and text that sticks out of the part that it belongs to (1.4.4, 1.4.12). */
function findCutText(): string[] {
  const problems = new Set<string>();
  const frame =
    '.button, .panel, .figure, .chip, .table-headcell, .rail-item, .rail-search, .tray-button, .segment, .filter, .dialog, .strip, .plot';
  const isHidden = (element: Element): boolean => {
    const style = getComputedStyle(element);
    return style.clipPath !== 'none' || style.visibility === 'hidden' || style.opacity === '0';
  };
  const hasTitle = (from: Element, upTo: Element): boolean => {
    for (let at: Element | null = from; at !== null; at = at.parentElement) {
      if (at.hasAttribute('title')) return true;
      if (at === upTo && upTo.querySelector('[title]') !== null) return true;
    }
    return false;
  };
  const judge = (text: string, from: Element, rect: DOMRect): void => {
    for (let at: Element | null = from; at !== null && at !== document.body; at = at.parentElement) if (isHidden(at)) return;
    // Titles are there when somebody points.
    from.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));
    const part = from.closest(frame);
    const box = part?.getBoundingClientRect();
    if (box !== undefined && (rect.right > box.right + 1.5 || rect.left < box.left - 1.5)) {
      problems.add(`"${text}" sticks out of .${part?.className ?? ''}`);
    }
    for (let at: Element | null = from; at !== null && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      const edge = at.getBoundingClientRect();
      const isBeyondX = rect.right > edge.right + 1.5 || rect.left < edge.left - 1.5;
      const isBeyondY = rect.bottom > edge.bottom + 4 || rect.top < edge.top - 4;
      const cutsX = style.overflowX === 'hidden' || style.overflowX === 'clip';
      const cutsY = style.overflowY === 'hidden' || style.overflowY === 'clip';
      if (cutsX && isBeyondX && (style.textOverflow !== 'ellipsis' || !hasTitle(from, at))) {
        problems.add(`"${text}" is cut by .${at.className}${style.textOverflow === 'ellipsis' ? ' (dots, but no title)' : ''}`);
      }
      if (cutsY && isBeyondY) problems.add(`"${text}" is cut in its height by .${at.className}`);
      if (style.overflowX === 'auto' || style.overflowY === 'auto' || style.position === 'fixed') return;
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = (node.textContent ?? '').trim().slice(0, 40);
    const parent = node.parentElement;
    if (text === '' || parent === null || parent.closest('script, style, svg, .log, pre') !== null) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rect = range.getBoundingClientRect();
    if (rect.width > 0 && rect.height > 0) judge(text, parent, rect);
  }
  return [...problems];
}

/** Targets under 24 × 24 px that have no room of that size to themselves either; links inside sentences are free (2.5.8). */
function findSmallTargets(): string[] {
  const problems = new Set<string>();
  const leastPx = 24;
  const nameOf = (element: HTMLElement): string => {
    const name = element.getAttribute('aria-label') ?? (element.textContent ?? '').trim().slice(0, 30);
    return `"${name}" (${element.tagName.toLowerCase()}.${element.className})`;
  };
  const modal = document.querySelector('[role="dialog"]');
  const controls = [
    ...(modal ?? document.body).querySelectorAll<HTMLElement>(
      'a[href], button, input, select, textarea, summary, [role="tab"], [role="option"]',
    ),
  ];
  const targets = controls.flatMap((element) => {
    const label = element instanceof HTMLInputElement ? element.labels?.[0] : undefined;
    const rect = (label ?? element).getBoundingClientRect();
    const style = getComputedStyle(element);
    const around = (element.closest('p, li, dd') ?? element.parentElement)?.textContent ?? '';
    const isInSentence = style.display === 'inline' && around.trim() !== (element.textContent ?? '').trim();
    const isSeen = rect.width > 1 && rect.height > 1 && style.visibility !== 'hidden' && element.closest('[aria-hidden="true"]') === null;
    const hit = document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2);
    const isUncovered = hit === null || (label ?? element).contains(hit);
    return isSeen && isUncovered ? [{ element, rect, isInSentence }] : [];
  });
  for (const { element, rect, isInSentence } of targets) {
    if (isInSentence || (rect.width >= leastPx - 0.5 && rect.height >= leastPx - 0.5)) continue;
    const x = rect.left + rect.width / 2;
    const y = rect.top + rect.height / 2;
    const neighbour = targets.find(({ element: other, rect: near }) => {
      if (other === element || other.contains(element) || element.contains(other)) return false;
      // Rows pass under the head of their table, and the page under the strip.
      if (['.table-head', '.main'].some((part) => other.closest(part) !== element.closest(part))) return false;
      const apartX = Math.max(near.left - x, 0, x - near.right);
      const apartY = Math.max(near.top - y, 0, y - near.bottom);
      return Math.hypot(apartX, apartY) < leastPx / 2;
    });
    const size = `${Math.round(rect.width)}×${Math.round(rect.height)}`;
    if (neighbour !== undefined) problems.add(`the target ${nameOf(element)} is ${size} and close to ${nameOf(neighbour.element)}`);
  }
  return [...problems];
}

/** How much of the height is left for what the page is about when everything that stays has taken its part. */
function findCoveredHeight(): string[] {
  const problems: string[] = [];
  const main = document.querySelector<HTMLElement>('.main, .fr-right');
  if (main === null) return problems;
  const stays = [...main.querySelectorAll<HTMLElement>('*')].filter((element) => {
    const { position } = getComputedStyle(element);
    return (position === 'sticky' || position === 'fixed') && element.closest('.table-scroll, [role="dialog"]') === null;
  });
  const taken = stays.reduce((sum, element) => {
    const rect = element.getBoundingClientRect();
    const isStuck = rect.width > innerWidth / 3 && rect.top < innerHeight && rect.bottom > 0;
    return sum + (isStuck ? rect.height : 0);
  }, 0);
  const left = main.clientHeight - taken;
  if (left < innerHeight / 2) problems.push(`only ${Math.round(left)} of ${innerHeight} px are left between what stays in its place`);
  for (const table of main.querySelectorAll<HTMLElement>('.table-scroll')) {
    const leastPx = Math.min(table.scrollHeight, 32 + 3 * 32);
    if (table.getAttribute('aria-rowcount') !== '1' && table.clientHeight < leastPx)
      problems.push(`the table shows only ${table.clientHeight} px of its rows`);
  }
  return problems;
}

/** Everything that can be pressed is brought into view and asked for at its own middle: primary buttons by anyone, the rest by the focus (2.4.11). */
function findCovered(): string[] {
  const problems = new Set<string>();
  const modal = document.querySelector('[role="dialog"]');
  const isFound = (element: HTMLElement): string | undefined => {
    // A link that wraps has a box for each line.
    const rect = element.getClientRects()[0];
    if (rect === undefined || rect.width < 2 || rect.height < 2) return undefined;
    const points = [0.5, 0.03, 0.97].map((share) => document.elementFromPoint(rect.left + rect.width * share, rect.top + rect.height / 2));
    if (points.some((hit) => hit !== null && (element.contains(hit) || hit.closest('label')?.contains(element) === true))) return undefined;
    return points[0]?.closest('[class]')?.className ?? 'the edge of the window';
  };
  const before = document.activeElement;
  for (const element of (modal ?? document.body).querySelectorAll<HTMLElement>(
    'a[href], button, input, select, textarea, summary, [tabindex="0"]',
  )) {
    const style = getComputedStyle(element);
    if (style.visibility === 'hidden' || style.opacity === '0' || element.tabIndex < 0 || element.matches('.skip, .hidden-text')) continue;
    if (element.closest('details:not([open]) > :not(summary)') !== null) continue;
    element.focus();
    const cover = isFound(element);
    const name = element.getAttribute('aria-label') ?? (element.textContent ?? '').trim().slice(0, 30);
    const kind = element.matches('.button.is-primary') ? 'the primary button' : element.tagName.toLowerCase();
    if (cover !== undefined) problems.add(`${kind} "${name}" has the focus and lies under ${cover}`);
  }
  if (before instanceof HTMLElement) before.focus();
  return [...problems];
}

const spaced = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }`;

/** Everything that is wrong about the room on this page, in sentences. Changes the focus, and the spacing of the text for a moment. */
export async function findRoomProblems(page: Page): Promise<string[]> {
  const found = [
    ...(await page.evaluate(findSideways)),
    ...(await page.evaluate(findCutText)),
    ...(await page.evaluate(findSmallTargets)),
    ...(await page.evaluate(findCoveredHeight)),
    ...(await page.evaluate(findCovered)),
  ];
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }, spaced);
  const wide = [...(await page.evaluate(findSideways)), ...(await page.evaluate(findCutText))];
  return [...found, ...wide.filter((problem) => !found.includes(problem)).map((problem) => `with wide spacing: ${problem}`)];
}
