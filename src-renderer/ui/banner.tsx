import type { ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import { useSeen } from './use-seen.ts';
import './styles/banner.css';

export interface BannerProps {
  /* Never success: a banner is a state that can be acted on. */
  state: Exclude<State, 'good'>;
  title: ReactNode;
  children?: ReactNode;
  acts?: ReactNode;
}

export function Banner({ state, title, children, acts }: BannerProps) {
  const part = useSeen<HTMLElement>();
  return (
    <section ref={part} className="banner" data-state={state} role={state === 'bad' ? 'alert' : 'status'}>
      <StateMark state={state} />
      <b>{title}</b>
      {children !== undefined && <div className="banner-says">{children}</div>}
      {acts !== undefined && <div className="actions">{acts}</div>}
    </section>
  );
}
