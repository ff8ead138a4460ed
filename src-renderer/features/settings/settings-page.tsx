import { useEffect, useState } from 'react';
import { sayFailure } from '../../lib/failure.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { usePackages } from '../../lib/use-packages.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { AboutSection } from './about-section.tsx';
import { DemoSection } from './demo-section.tsx';
import { FarmSection } from './farm-section.tsx';
import { KeepersSection } from './keepers-section.tsx';
import { ReachSection } from './reach-section.tsx';
import { WindowSection } from './window-section.tsx';
import './settings.css';

const sections = [
  ['window', 'monitor'],
  ['farm', 'house'],
  ['reach', 'cable'],
  ['keepers', 'key-round'],
  ['home', 'folder-open'],
  ['demo', 'sprout'],
  ['about', 'info'],
] as const;
type SectionId = (typeof sections)[number][0];

export const sectionElementId = (id: string): string => `settings-${id}`;

/** Leads to a part of the page; an address with a second # would be no page of the router. */
function Nav({ shown, current, onGo }: { shown: readonly SectionId[]; current: SectionId; onGo: (id: SectionId) => void }) {
  const words = useWords();
  return (
    <nav className="set-nav" aria-label={words('settings.nav')}>
      {sections
        .filter(([id]) => shown.includes(id))
        .map(([id, icon]) => (
          <button key={id} type="button" aria-current={id === current ? 'true' : undefined} onClick={() => onGo(id)}>
            <Icon name={icon} />
            {words(`settings.${id}`)}
          </button>
        ))}
    </nav>
  );
}

/** The list of parts follows the page as it is scrolled: the topmost part that is seen is the current one. */
function useShownSection(onShown: (id: SectionId) => void, isLoaded: boolean): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts are there once the settings are
  useEffect(() => {
    const main = document.querySelector('main');
    const find = (): void => {
      const top = (main?.getBoundingClientRect().top ?? 0) + 80;
      const seen = sections.filter(
        ([id]) => (document.getElementById(sectionElementId(id))?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY) <= top,
      );
      const isAtEnd = main !== null && main.scrollTop > 0 && main.scrollTop + main.clientHeight >= main.scrollHeight - 2;
      const last = isAtEnd ? sections.at(-1) : seen.at(-1);
      onShown(last?.[0] ?? 'window');
    };
    main?.addEventListener('scroll', find, { passive: true });
    return () => main?.removeEventListener('scroll', find);
  }, [isLoaded]);
}

export function SettingsPage() {
  const words = useWords();
  const title = words('settings.title');
  usePageTitle(title);
  const settings = useQuery('settings.get', (core) => core.settings.get());
  const packages = usePackages();
  const asking = packages.data?.packages.filter(({ network }) => network !== undefined) ?? [];
  const [current, setCurrent] = useState<SectionId>('window');
  const isDemo = settings.data?.farm?.isDemo === true;
  const shown = sections
    .map(([id]) => id)
    .filter((id) =>
      id === 'window' ? true : settings.data !== undefined && (id !== 'demo' || isDemo) && (id !== 'reach' || asking.length > 0),
    );
  useShownSection(setCurrent, settings.data !== undefined);
  const onGo = (id: SectionId): void => {
    setCurrent(id);
    const section = document.getElementById(sectionElementId(id));
    section?.scrollIntoView({ block: 'start' });
    section?.querySelector('h2')?.focus({ preventScroll: true });
  };
  return (
    <Page>
      <PageHead title={title} />
      <div className="set">
        <Nav shown={shown} current={current} onGo={onGo} />
        <div className="set-body">
          <WindowSection />
          {settings.failure !== undefined && (
            <Banner
              state="warning"
              title={words('settings.failed')}
              acts={<Button onClick={settings.refresh}>{words('common.retry')}</Button>}
            >
              {sayFailure(words, settings.failure)}
            </Banner>
          )}
          {settings.data === undefined && settings.failure === undefined && <SkeletonRows label={words('settings.loading')} />}
          {settings.data !== undefined && (
            <>
              <FarmSection settings={settings.data} />
              {asking.length > 0 && <ReachSection packages={asking} onChanged={packages.refresh} />}
              <KeepersSection keepers={settings.data.keepers} />
              <AboutSection settings={settings.data} part="home" />
              {isDemo && settings.data.farm !== undefined && <DemoSection farm={settings.data.farm} />}
              <AboutSection settings={settings.data} part="about" />
            </>
          )}
        </div>
      </div>
    </Page>
  );
}
