import { useEffect, useState } from 'react';
import './styles/skeleton-rows.css';

export interface SkeletonRowsProps {
  /* Widths in percent, in the shape of what comes. */
  widths?: readonly number[];
  /* "Fetching the log of Cedar". */
  label: string;
}

const SHOWN_AFTER_MS = 150;

/* Only where data is really fetched, and only when that takes long enough to be seen. */
export function SkeletonRows({ widths = [42, 88, 74], label }: SkeletonRowsProps) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="skeleton-rows" role="status" data-shown={isShown}>
      {widths.map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines without identity
        <span key={index} className="skeleton" style={{ width: `${width}%` }} />
      ))}
      <p className="faint small">{label}</p>
    </div>
  );
}
