import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useWords } from '../lib/use-words.ts';
import { Shell } from '../ui/shell.tsx';
import { FrameBanners } from './frame-banners.tsx';
import { FrameRail } from './frame-rail.tsx';
import { FrameStrip } from './frame-strip.tsx';
import { useFirstRun } from './use-first-run.ts';
import { useKeys } from './use-keys.ts';
import './frame.css';

// Both float over everything and are wanted a moment later than the page; they are fetched while nobody waits. So is the page where most
// people go next, and which is the largest.
const loadPalette = async () => ({ default: (await import('./search-palette.tsx')).SearchPalette });
const loadKeys = async () => ({ default: (await import('./keys-dialog.tsx')).KeysDialog });
const loadInstances = () => import('../features/instances/instances-page.tsx');
const SearchPalette = lazy(loadPalette);
const KeysDialog = lazy(loadKeys);
const FETCH_AFTER_MS = 1_000;

function useFetchedAhead(): void {
  useEffect(() => {
    const timer = setTimeout(() => void Promise.allSettled([loadPalette(), loadKeys(), loadInstances()]), FETCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
}

/** Rail, page and strip; the palette and the list of keys over them. */
export function Frame() {
  const words = useWords();
  const { pathname } = useLocation();
  const [opened, setOpened] = useState<'palette' | 'keys' | undefined>(undefined);
  useFirstRun(pathname);
  useFetchedAhead();
  useKeys({ openPalette: () => setOpened('palette'), openKeys: () => setOpened('keys') });
  return (
    <>
      <Shell
        skipLabel={words('common.skip')}
        rail={<FrameRail pathname={pathname} onSearch={() => setOpened('palette')} />}
        strip={<FrameStrip />}
      >
        <FrameBanners />
        <Outlet />
      </Shell>
      <Suspense fallback={null}>
        {opened === 'palette' && <SearchPalette onClose={() => setOpened(undefined)} onOpenKeys={() => setOpened('keys')} />}
        {opened === 'keys' && <KeysDialog isOpen onClose={() => setOpened(undefined)} />}
      </Suspense>
    </>
  );
}
