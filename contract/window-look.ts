import * as z from 'zod';

/**
 * What the window must be able to tell of itself to a trial of the desktop (`npm run try:desktop`), which asks from Electron's main process as the developer
 * tools would. A few plain looks at elements that the window promises to keep, so that every state of a page can answer them.
 */
export const windowLookCode = `({
  language: document.documentElement.lang,
  theme: document.documentElement.dataset.theme,
  place: location.hash,
  children: document.getElementById('root').childElementCount,
  freshness: document.querySelector('.strip .state-icon')?.dataset.state ?? '',
  dragRegions: [...document.querySelectorAll('*')].filter((one) => {
    const style = getComputedStyle(one);
    return [style.getPropertyValue('app-region'), style.getPropertyValue('-webkit-app-region')].includes('drag');
  }).length,
  text: document.body.innerText,
})`;

export const windowLook = z.object({
  /** BCP 47. */
  language: z.string(),
  theme: z.enum(['light', 'dark']),
  /** `#/first-run` only when the core has told that its home has no farm. */
  place: z.string(),
  /** Below the root; none before anything is drawn. */
  children: z.number(),
  /** The mark of the strip that tells how old what is seen is: `working` before the core answered, `unknown` when it no longer does. Empty without a strip. */
  freshness: z.string(),
  /** Elements by which the window could be dragged: none, the title bar is the system's. */
  dragRegions: z.number(),
  text: z.string(),
});
export type WindowLook = z.infer<typeof windowLook>;
