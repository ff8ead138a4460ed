/* biome-ignore-all lint/a11y/noStaticElementInteractions: Escape closes the tray from anywhere inside it */
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef } from 'react';
import { Icon } from './icon.tsx';
import { Progress } from './progress.tsx';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import './styles/copy-button.css';
import './styles/jobs-tray.css';

export interface TrayJob {
  id: string;
  state: State;
  title: string;
  href?: string;
  says: string;
  duration: string;
  /* 0 to 1; absent when it cannot be known. */
  share?: number;
  progressLabel: string;
}

export interface JobsTrayProps {
  /* "2 jobs running", "No jobs running". */
  text: string;
  state?: State | undefined;
  share?: number | undefined;
  progressLabel: string;
  jobs: readonly TrayJob[];
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
  title: string;
  all: { text: string; href: string };
  closeLabel: string;
  emptyText: string;
}

function Job({ job }: { job: TrayJob }) {
  return (
    <li className="tray-job" data-state={job.state}>
      <StateMark state={job.state} />
      <b>{job.href === undefined ? job.title : <a href={job.href}>{job.title}</a>}</b>
      <span className="duration faint">{job.duration}</span>
      <p>{job.says}</p>
      {job.share !== undefined && <Progress share={job.share} label={job.progressLabel} />}
    </li>
  );
}

/* Says the shell how high it stands, so that the page ends above it. */
function useClearance(isOpen: boolean): RefObject<HTMLElement | null> {
  const tray = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = tray.current;
    const shell = element?.closest<HTMLElement>('.shell');
    if (!isOpen || element === null || shell === null || shell === undefined) return undefined;
    const observer = new ResizeObserver(() => shell.style.setProperty('--tray', `${element.offsetHeight + 12}px`));
    observer.observe(element);
    return () => {
      observer.disconnect();
      shell.style.removeProperty('--tray');
    };
  }, [isOpen]);
  return tray;
}

export function JobsTray({ text, state, share, progressLabel, jobs, isOpen, onToggle, title, all, closeLabel, emptyText }: JobsTrayProps) {
  const titleId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const tray = useClearance(isOpen);
  const close = (): void => {
    onToggle(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && isOpen) {
      event.stopPropagation();
      close();
    }
  };
  return (
    <span className="tray-place" onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        className="tray-button"
        data-state={state}
        aria-expanded={isOpen}
        onClick={() => onToggle(!isOpen)}
      >
        {state === undefined ? <Icon name="list-checks" /> : <StateMark state={state} />}
        <span>{text}</span>
        {share !== undefined && <Progress share={share} label={progressLabel} />}
      </button>
      {isOpen && (
        <section ref={tray} className="tray" aria-labelledby={titleId}>
          <div className="tray-head">
            <b id={titleId}>{title}</b>
            <a className="link small" href={all.href}>
              {all.text}
            </a>
            <button type="button" className="copy" aria-label={closeLabel} onClick={close}>
              <Icon name="x" />
            </button>
          </div>
          {jobs.length === 0 ? (
            <p className="tray-empty">{emptyText}</p>
          ) : (
            <ul>
              {jobs.map((job) => (
                <Job key={job.id} job={job} />
              ))}
            </ul>
          )}
        </section>
      )}
    </span>
  );
}
