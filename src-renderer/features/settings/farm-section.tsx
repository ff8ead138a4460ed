import { useMemo, useState } from 'react';
import type { FarmView } from '#contract/api/settings.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { PanelBody } from '../../ui/panel.tsx';
import { SelectField } from '../../ui/select-field.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Section } from './section.tsx';
import type { SettingsView } from './settings-view.ts';
import { timeZoneOptions } from './time-zones.ts';

type Change = { readonly name: string; readonly language: FarmView['language']; readonly timeZone: string };

function FarmForm({ farm }: { farm: FarmView }) {
  const words = useWords();
  const core = useCore();
  const [name, setName] = useState(farm.name);
  const [language, setLanguage] = useState(farm.language);
  const [timeZone, setTimeZone] = useState(farm.timeZone);
  const [isSaved, setSaved] = useState(false);
  const zones = useMemo(() => timeZoneOptions(farm.timeZone), [farm.timeZone]);
  const save = useCall((requestKey, change: Change) => core.settings.update({ requestKey, ...change }));
  const isNameEmpty = name.trim() === '';
  const isSame = name.trim() === farm.name && language === farm.language && timeZone === farm.timeZone;
  const submit = (): void => {
    void save.run({ name: name.trim(), language, timeZone }).then((answer) => {
      if (answer === undefined) return;
      setSaved(true);
      refreshQueries('settings.');
    });
  };
  const disabledReason = isNameEmpty ? words('settings.farm.nameEmpty') : isSame ? words('settings.farm.unchanged') : undefined;
  return (
    <form
      className="set-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (disabledReason === undefined) submit();
      }}
    >
      <TextField
        label={words('settings.farm.name')}
        value={name}
        onChange={setName}
        says={isNameEmpty ? { state: 'bad', text: words('settings.farm.nameEmpty') } : { text: words('settings.farm.nameSays') }}
      />
      <SelectField
        label={words('settings.farm.language')}
        value={language}
        onChange={(id) => setLanguage(id === 'ru' ? 'ru' : 'en')}
        options={[
          { id: 'en', text: words('settings.language.en') },
          { id: 'ru', text: words('settings.language.ru') },
        ]}
        says={{ text: words('settings.farm.languageSays') }}
      />
      <SelectField
        label={words('settings.farm.timeZone')}
        value={timeZone}
        onChange={setTimeZone}
        options={zones}
        nothingFound={words('settings.farm.timeZoneNone')}
        says={{ text: words('settings.farm.timeZoneSays') }}
      />
      {save.failure !== undefined && <Banner state="bad" title={sayFailure(words, save.failure)} />}
      <div className="row">
        <Button type="submit" isBusy={save.isBusy} disabledReason={disabledReason}>
          {words('settings.farm.save')}
        </Button>
        <span role="status">
          {isSaved && isSame && (
            <StateChip state="good" look="plain">
              {words('settings.farm.saved')}
            </StateChip>
          )}
        </span>
      </div>
    </form>
  );
}

/** What holds for everyone who works with the farm. */
export function FarmSection({ settings }: { settings: SettingsView }) {
  const words = useWords();
  return (
    <Section id="farm" title={words('settings.farm')} says={words('settings.farm.says')}>
      <PanelBody>
        {settings.farm === undefined ? (
          <p className="soft">{words('settings.farm.none')}</p>
        ) : (
          <FarmForm key={settings.farm.id} farm={settings.farm} />
        )}
      </PanelBody>
    </Section>
  );
}
