import { useEffect } from 'react';

/** The document's title while a page is shown: "Settings · Farmstead". The page's own name first, because tabs are narrow. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Farmstead' : `${title} · Farmstead`;
  }, [title]);
}
