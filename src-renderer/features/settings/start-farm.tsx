import { useMemo, useState } from 'react';
import type { Language } from '#contract/ids.ts';
import { sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useTakeAlong } from '../../lib/use-take-along.ts';
import { useWords } from '../../lib/use-words.ts';
import { useDraft } from '../../stores/drafts.ts';
import { useLookStore } from '../../stores/look.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { type Change, ChangesList } from '../../ui/changes-list.tsx';
import { Panel, PanelBody } from '../../ui/panel.tsx';
import { SelectField } from '../../ui/select-field.tsx';
import { TakeAlong } from '../../ui/take-along.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { systemTimeZone, timeZoneOptions } from './time-zones.ts';

type Draft = { readonly name: string; readonly language: Language | undefined; readonly timeZone: string };

function draftFrom(kept: unknown): Draft {
  const draft: Record<string, unknown> = typeof kept === 'object' && kept !== null ? { ...kept } : {};
  const { name, language, timeZone } = draft;
  return {
    name: typeof name === 'string' ? name : '',
    language: language === 'en' || language === 'ru' ? language : undefined,
    timeZone: typeof timeZone === 'string' ? timeZone : systemTimeZone(),
  };
}

function Changes({ home }: { home: string | undefined }) {
  const words = useWords();
  const heading = words('settings.start.changes');
  const changes: readonly Change[] = [
    {
      id: 'home',
      icon: 'house',
      title: words('settings.start.change.home'),
      says: words('settings.start.change.homeSays', { home: home ?? '–' }),
    },
    { id: 'keys', icon: 'key-round', title: words('settings.start.change.keys'), says: words('settings.start.change.keysSays') },
    {
      id: 'servers',
      icon: 'server',
      title: words('settings.start.change.servers'),
      says: words('settings.start.change.serversSays'),
      isUntouched: true,
    },
  ];
  const take = useTakeAlong({ title: words('settings.start.title'), about: [], heading, changes }, '');
  return (
    <Panel title={heading} look="line" acts={<TakeAlong {...take} />}>
      <PanelBody>
        <ChangesList label={heading} changes={changes} />
      </PanelBody>
    </Panel>
  );
}

/** Three answers, and a farm stands. */
export function StartFarm({ home, onBack }: { home: string | undefined; onBack: () => void }) {
  const words = useWords();
  const core = useCore();
  const ownLanguage = useLookStore((look) => look.language);
  const [draft, change, drop] = useDraft('start-farm', draftFrom);
  const [isTried, setTried] = useState(false);
  const zones = useMemo(() => timeZoneOptions(draft.timeZone), [draft.timeZone]);
  const language = draft.language ?? ownLanguage;
  const name = draft.name.trim();
  const start = useCall((requestKey, given: { name: string; language: Language; timeZone: string }) =>
    core.settings.startFarm({ requestKey, ...given }),
  );
  const submit = (): void => {
    setTried(true);
    if (name === '') return;
    void start.run({ name, language, timeZone: draft.timeZone }).then((answer) => {
      if (answer === undefined) return;
      drop();
      refreshQueries('settings.');
      goTo(paths.desk);
    });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <h1 tabIndex={-1}>{words('settings.start.title')}</h1>
      <p className="lead">{words('settings.start.lead')}</p>
      <div className="fr-form">
        <TextField
          label={words('settings.start.name')}
          value={draft.name}
          onChange={(next) => change({ name: next.slice(0, 80) })}
          says={
            isTried && name === '' ? { state: 'bad', text: words('settings.farm.nameEmpty') } : { text: words('settings.start.nameHint') }
          }
          autoFocus
        />
        <div className="fr-pair">
          <SelectField
            label={words('settings.start.language')}
            value={language}
            onChange={(id) => change({ language: id === 'ru' ? 'ru' : 'en' })}
            options={[
              { id: 'en', text: words('settings.language.en') },
              { id: 'ru', text: words('settings.language.ru') },
            ]}
            says={{ text: words('settings.start.languageHint') }}
          />
          <SelectField
            label={words('settings.start.timeZone')}
            value={draft.timeZone}
            onChange={(timeZone) => change({ timeZone })}
            options={zones}
            nothingFound={words('settings.farm.timeZoneNone')}
            says={{ text: words('settings.start.timeZoneHint') }}
          />
        </div>
        <Changes home={home} />
        {start.failure !== undefined && <Banner state="bad" title={sayFailure(words, start.failure)} />}
        <div className="row">
          <Button look="primary" size="large" type="submit" isBusy={start.isBusy}>
            {name === '' ? words('settings.start.act') : words('settings.start.actNamed', { name })}
          </Button>
          <Button look="bare" size="large" onClick={onBack}>
            {words('settings.first.back')}
          </Button>
        </div>
      </div>
    </form>
  );
}
