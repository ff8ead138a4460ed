import { useWords } from '../../lib/use-words.ts';
import type { DemoDoor } from './demo-door.ts';
import type { IconName } from '../../ui/icon-drawings.tsx';
import { Icon } from '../../ui/icon.tsx';

type DoorProps = {
  readonly icon: IconName;
  readonly title: string;
  readonly says: string;
  readonly isFirst?: boolean;
  /** A door that comes later: shown, said, and not to be pressed. */
  readonly later?: string | undefined;
  readonly onOpen?: () => void;
};

function Door({ icon, title, says, isFirst = false, later, onOpen }: DoorProps) {
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

export function FirstRunDoors({ demo, onStart, onDemo }: { demo: DemoDoor; onStart: () => void; onDemo: () => void }) {
  const words = useWords();
  const later = words('settings.first.later');
  return (
    <>
      <h1 tabIndex={-1}>{words('settings.first.title')}</h1>
      <p className="lead">{words('settings.first.lead')}</p>
      <div className="fr-list">
        <Door icon="house" title={words('settings.first.start')} says={words('settings.first.startSays')} isFirst onOpen={onStart} />
        <Door
          icon="sprout"
          title={words('settings.first.demo')}
          says={words(demoWords[demo])}
          {...(demo === 'open' && { onOpen: onDemo })}
        />
        <Door icon="key-round" title={words('settings.first.connect')} says={words('settings.first.connectSays')} later={later} />
        <Door icon="file-key" title={words('settings.first.certificates')} says={words('settings.first.certificatesSays')} later={later} />
      </div>
    </>
  );
}
