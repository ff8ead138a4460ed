import { classNames } from './class-names.ts';
import type { State } from './types.ts';
import './styles/meter.css';

export interface MeterProps {
  /* Shares 0 to 1: measured now, reserved for instances, busiest hour. */
  now: number | null;
  reserved?: number | undefined;
  peak?: number | undefined;
  /* Only once a limit is crossed; grey until then. */
  state?: State | undefined;
  isWide?: boolean;
  /* "58 % in use, 71 % promised, 74 % at its busiest hour". */
  label: string;
}

const percent = (share: number): string => `${Math.min(100, Math.max(0, share * 100))}%`;

export function Meter({ now, reserved, peak, state, isWide = false, label }: MeterProps) {
  return (
    <span className={classNames('meter', isWide && 'is-wide')} data-state={state} role="img" aria-label={label}>
      {reserved !== undefined && <i className="is-reserved" style={{ width: percent(reserved) }} />}
      {now !== null && <i style={{ width: percent(now) }} />}
      {peak !== undefined && <i className="is-peak" style={{ left: percent(peak) }} />}
    </span>
  );
}

export interface MeterLegendProps {
  now: string;
  reserved: string;
  peak: string;
}

export function MeterLegend({ now, reserved, peak }: MeterLegendProps) {
  return (
    <ul className="meter-legend">
      <li>
        <i />
        {now}
      </li>
      <li>
        <i className="is-reserved" />
        {reserved}
      </li>
      <li>
        <i className="is-peak" />
        {peak}
      </li>
    </ul>
  );
}
