import { useWords } from '../../lib/use-words.ts';
import { changeLook, textScales, useLookStore } from '../../stores/look.ts';
import { Segments } from '../../ui/segments.tsx';
import { SmallSelect } from '../../ui/select-field.tsx';
import { SettingRow } from '../../ui/setting-row.tsx';
import { Section } from './section.tsx';

const themes = ['system', 'light', 'dark'] as const;
const densities = ['comfortable', 'dense'] as const;
const languages = ['en', 'ru'] as const;

/** How the window looks to this person; every choice holds at once. */
export function WindowSection() {
  const words = useWords();
  const look = useLookStore();
  return (
    <Section id="window" title={words('settings.window')} says={words('settings.window.says')}>
      <SettingRow title={words('settings.theme')} says={words('settings.theme.says')}>
        <Segments
          label={words('settings.theme')}
          value={look.theme}
          onChange={(id) => changeLook({ theme: themes.find((theme) => theme === id) ?? 'system' })}
          segments={themes.map((id) => ({ id, text: words(`settings.theme.${id}`) }))}
        />
      </SettingRow>
      <SettingRow title={words('settings.language')} says={words('settings.language.says')}>
        <SmallSelect
          label={words('settings.language')}
          value={look.language}
          onChange={(id) => changeLook({ language: languages.find((language) => language === id) ?? 'en' })}
          options={languages.map((id) => ({ id, text: words(`settings.language.${id}`) }))}
        />
      </SettingRow>
      <SettingRow title={words('settings.density')} says={words('settings.density.says')}>
        <Segments
          label={words('settings.density')}
          value={look.density}
          onChange={(id) => changeLook({ density: densities.find((density) => density === id) ?? 'dense' })}
          segments={densities.map((id) => ({ id, text: words(`settings.density.${id}`) }))}
        />
      </SettingRow>
      <SettingRow title={words('settings.textSize')} says={words('settings.textSize.says')}>
        <Segments
          label={words('settings.textSize')}
          value={String(look.textScalePercent)}
          onChange={(id) => changeLook({ textScalePercent: Number(id) })}
          segments={textScales.map((percent) => ({ id: String(percent), text: words('settings.textSize.value', { percent }) }))}
        />
      </SettingRow>
    </Section>
  );
}
