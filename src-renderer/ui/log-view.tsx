import { useEffect, useLayoutEffect, useRef } from 'react';
import { escapeText } from './escape-text.ts';
import { Button } from './button.tsx';
import type { State } from './types.ts';
import './styles/state.css';
import './styles/log-view.css';

export interface LogLine {
  id: string;
  /* Already formatted: "14:31:48". */
  time: string;
  source: string;
  text: string;
  state?: Extract<State, 'warning' | 'bad'> | undefined;
}

export interface LogViewProps {
  label: string;
  lines: readonly LogLine[];
  /* Newest at the end and kept in view; scrolling up asks for a pause. */
  isFollowing: boolean;
  onFollowChange: (isFollowing: boolean) => void;
  maxHeightPx?: number;
  emptyText: string;
}

const AT_END_PX = 8;

export function LogView({ label, lines, isFollowing, onFollowChange, maxHeightPx = 320, emptyText }: LogViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const last = lines.at(-1)?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last line is what moves the view
  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [isFollowing, last]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    // Only a person's own scrolling pauses: a wheel, a key, a drag of the bar.
    const onScroll = (): void => {
      const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX;
      if (isAtEnd !== isFollowing) onFollowChange(isAtEnd);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [isFollowing, onFollowChange]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div ref={box} className="log" role="log" aria-label={label} aria-live="off" tabIndex={0} style={{ maxHeight: maxHeightPx }}>
      {lines.length === 0 && <p className="log-empty">{emptyText}</p>}
      {lines.map((line) => (
        <div key={line.id} data-state={line.state}>
          <time>{line.time}</time>
          <span>{escapeText(line.source)}</span>
          <p>{escapeText(line.text)}</p>
        </div>
      ))}
    </div>
  );
}

export interface LogPauseProps {
  isFollowing: boolean;
  onFollowChange: (isFollowing: boolean) => void;
  pauseText: string;
  followText: string;
}

export function LogPause({ isFollowing, onFollowChange, pauseText, followText }: LogPauseProps) {
  return (
    <Button look="bare" size="small" icon={isFollowing ? 'pause' : 'chevron-down'} onClick={() => onFollowChange(!isFollowing)}>
      {isFollowing ? pauseText : followText}
    </Button>
  );
}
