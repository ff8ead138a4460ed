import { type RefObject, useEffect, useRef } from 'react';

/**
 * What a button below has brought about above it is out of sight in a small window: in a form it comes into view again, and in a dialog from
 * wherever it is. Elsewhere, and for what stands further down, nothing moves under the pointer.
 */
export function useSeen<Part extends HTMLElement>(): RefObject<Part | null> {
  const part = useRef<Part>(null);
  useEffect(() => {
    const element = part.current;
    const form = element?.closest('.wizard');
    const topPx = form?.closest('.main')?.getBoundingClientRect().top ?? 0;
    const isAbove = form !== null && form !== undefined && (element?.getBoundingClientRect().top ?? 0) < topPx;
    if (isAbove || element?.closest('.dialog') != null) element?.scrollIntoView({ block: 'nearest' });
  }, []);
  return part;
}
