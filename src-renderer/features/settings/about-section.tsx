import { useHost } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { CodeBox } from '../../ui/code-box.tsx';
import { Facts } from '../../ui/facts.tsx';
import { PanelBody } from '../../ui/panel.tsx';
import { Section } from './section.tsx';
import type { SettingsView } from './settings-view.ts';

function HomeSection({ settings }: { settings: SettingsView }) {
  const words = useWords();
  const host = useHost();
  const { kind, migration } = settings.store;
  return (
    <Section id="home" title={words('settings.home')} says={words('settings.home.pathSays')}>
      <PanelBody>
        <div className="set-form">
          <div>
            <div className="field-label">{words('settings.home.path')}</div>
            <CodeBox text={settings.home} copyLabel={words('common.copy')} copiedLabel={words('common.copied')} onCopy={host.copyText} />
          </div>
          <Facts
            facts={[{ id: 'store', name: words('settings.home.store'), value: words('settings.home.storeValue', { kind, migration }) }]}
          />
        </div>
      </PanelBody>
    </Section>
  );
}

/** Where the home is, and what the program is made of. */
export function AboutSection({ settings, part }: { settings: SettingsView; part: 'home' | 'about' }) {
  const words = useWords();
  const host = useHost();
  if (part === 'home') return <HomeSection settings={settings} />;
  const { operator, version, runsOn } = settings;
  const who = `${operator.name}, ${words('settings.about.role', { permission: operator.permission })}`;
  return (
    <Section id="about" title={words('settings.about')}>
      <PanelBody>
        <Facts
          facts={[
            { id: 'version', name: words('settings.about.version'), value: version },
            { id: 'window', name: words('settings.about.window'), value: host.versions },
            { id: 'core', name: words('settings.about.core'), value: runsOn },
            { id: 'operator', name: words('settings.about.operator'), value: who },
            { id: 'fonts', name: words('settings.about.fonts'), value: words('settings.about.fontsValue') },
            { id: 'icons', name: words('settings.about.icons'), value: words('settings.about.iconsValue') },
          ]}
        />
      </PanelBody>
    </Section>
  );
}
