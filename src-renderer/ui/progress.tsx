import './styles/progress.css';

export interface ProgressProps {
  /* 0 to 1. */
  share: number;
  label: string;
}

export function Progress({ share, label }: ProgressProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div className="progress" role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-label={label}>
      <i style={{ width: `${percent}%` }} />
    </div>
  );
}
