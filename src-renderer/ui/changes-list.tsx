import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import './styles/changes-list.css';

export interface Change {
  id: string;
  icon: IconName;
  title: string;
  says: string;
  /* Will not be touched: said, but fainter. */
  isUntouched?: boolean;
}

/* Stands before every wizard's button: what exactly will happen, and what will not. */
export function ChangesList({ label, changes }: { label: string; changes: readonly Change[] }) {
  return (
    <ul className="changes" aria-label={label}>
      {changes.map((change) => (
        <li key={change.id} className={change.isUntouched === true ? 'is-untouched' : undefined}>
          <Icon name={change.icon} />
          <div>
            <b>{change.title}</b>
            <p>{change.says}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}
