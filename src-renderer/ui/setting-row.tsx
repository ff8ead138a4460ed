import type { ReactNode } from 'react';
import './styles/setting-row.css';

export interface SettingRowProps {
  title: ReactNode;
  says?: ReactNode;
  /* The control; it carries its own label. */
  children: ReactNode;
}

/* One setting in a panel of settings: words left, control right. */
export function SettingRow({ title, says, children }: SettingRowProps) {
  return (
    <div className="setting">
      <div>
        <b>{title}</b>
        {says !== undefined && <p>{says}</p>}
      </div>
      <div className="setting-control">{children}</div>
    </div>
  );
}
