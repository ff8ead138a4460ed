import { useEffect, useState } from 'react';
import type { InstanceView } from '#contract/api/instances.ts';
import { useCore } from '../lib/use-core.ts';
import { useWords } from '../lib/use-words.ts';
import { Palette } from '../ui/palette.tsx';
import { useFound } from './palette-found.tsx';
import { useInstanceActs } from './palette-instance-acts.ts';
import { usePages } from './palette-pages.ts';

const PAUSE_MS = 120;
const MOST_INSTANCES = 6;

/** Instances are many: the core searches them, a moment after the last key. */
function useInstances(query: string): { readonly rows: readonly InstanceView[]; readonly isSearching: boolean } {
  const core = useCore();
  const [found, setFound] = useState<{ readonly query: string; readonly rows: readonly InstanceView[] }>({ query: '', rows: [] });
  const text = query.trim();
  useEffect(() => {
    if (text === '') return undefined;
    const outer = new AbortController();
    const timer = setTimeout(() => {
      core.instances.query({ filter: { text: text.slice(0, 120) }, limit: MOST_INSTANCES }, { signal: outer.signal }).then(
        (page) => setFound({ query: text, rows: page.rows }),
        // Without an answer the palette still finds pages, servers and acts; the banner says that the link is lost.
        () => {
          if (!outer.signal.aborted) setFound({ query: text, rows: [] });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      outer.abort();
    };
  }, [core, text]);
  return { rows: text === '' ? [] : found.rows, isSearching: text !== found.query && text !== '' };
}

/** Every act and every object, behind one key. */
export function SearchPalette({ onClose, onOpenKeys }: { onClose: () => void; onOpenKeys: () => void }) {
  const words = useWords();
  const [query, setQuery] = useState('');
  const instances = useInstances(query);
  const found = useFound(query, instances.rows);
  const [best] = instances.rows;
  const instanceActs = useInstanceActs(query.trim() === '' ? undefined : best);
  const pages = usePages(query, onOpenKeys);
  return (
    <Palette
      isOpen
      onClose={onClose}
      query={query}
      onQueryChange={setQuery}
      groups={[found, ...instanceActs, ...pages]}
      label={words('common.palette.label')}
      placeholder={words('common.palette.placeholder')}
      emptyText={words(instances.isSearching ? 'common.palette.searching' : 'common.palette.empty')}
      escapeKey={words('common.palette.escape')}
      hints={[
        { keys: ['↑', '↓'], text: words('common.palette.choose') },
        { keys: ['Enter'], text: words('common.palette.open') },
        { keys: ['Tab'], text: words('common.palette.group') },
      ]}
    />
  );
}
