import { useWords } from '../../lib/use-words.ts';
import type { DemoChoice } from './demo-choice.ts';
import type { IconName } from '../../ui/icon-drawings.tsx';
import { Icon } from '../../ui/icon.tsx';

type ChoiceProps = {
  readonly icon: IconName;
  readonly title: string;
  readonly says: string;
  readonly isFirst?: boolean;
  /** A choice that comes later: shown, said, and not to be pressed. */
  readonly later?: string | undefined;
  readonly onOpen?: () => void;
};

function Choice({ icon, title, says, isFirst = false, later, onOpen }: ChoiceProps) {
  const inside = (
    <>
      <span className="glyph">
        <Icon name={icon} size={20} />
      </span>
      <span>
        <b>
          {title}
          {later !== undefined && <small>{later}</small>}
        </b>
        <span>{says}</span>
      </span>
      {onOpen !== undefined && <Icon name="arrow-right" size={20} />}
    </>
  );
  if (onOpen === undefined) return <div className="fr-choice is-later">{inside}</div>;
  return (
    <button type="button" className={isFirst ? 'fr-choice is-first' : 'fr-choice'} onClick={onOpen}>
      {inside}
    </button>
  );
}

const demoWords = { open: 'settings.first.demoSays', home: 'settings.first.demoNot', computer: 'settings.first.demoNotHere' } as const;

export function FirstRunChoices({ demo, onStart, onDemo }: { demo: DemoChoice; onStart: () => void; onDemo: () => void }) {
  const words = useWords();
  const later = words('settings.first.later');
  return (
    <>
      <h1 tabIndex={-1}>{words('settings.first.title')}</h1>
      <p className="lead">{words('settings.first.lead')}</p>
      <div className="fr-list">
        <Choice icon="house" title={words('settings.first.start')} says={words('settings.first.startSays')} isFirst onOpen={onStart} />
        <Choice
          icon="sprout"
          title={words('settings.first.demo')}
          says={words(demoWords[demo])}
          {...(demo === 'open' && { onOpen: onDemo })}
        />
        <Choice icon="key-round" title={words('settings.first.connect')} says={words('settings.first.connectSays')} later={later} />
        <Choice
          icon="file-key"
          title={words('settings.first.certificates')}
          says={words('settings.first.certificatesSays')}
          later={later}
        />
      </div>
    </>
  );
}
