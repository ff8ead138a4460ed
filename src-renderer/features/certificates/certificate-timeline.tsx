import type { CSSProperties } from 'react';
import type { CertificateView } from '#contract/api/certificates.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Panel } from '../../ui/panel.tsx';
import { leftText, nameOf, timelineOf } from './certificate-view.ts';

/** A month's word this near to the mark of today would lie under it. */
const UNDER_TODAY = 0.1;

const percent = (share: number): string => `${share * 100}%`;
const behind = (share: number): CSSProperties & { '--to': string } => ({ '--to': percent(share) });

/** How long each one is valid. A screen reader gets the sentence of each bar. */
export function CertificateTimeline({ certificates, nowMs }: { certificates: readonly CertificateView[]; nowMs: number }) {
  const words = useWords();
  const format = useFormat();
  const { bars, months, today } = timelineOf(certificates, nowMs);
  const month = new Intl.DateTimeFormat(words.language === 'en' ? 'en-GB' : words.language, { month: 'short', timeZone: 'UTC' });
  return (
    <Panel label={words('certificates.page.timeline')}>
      <div className="timeline">
        <div className="timeline-axis" aria-hidden="true">
          {months
            .filter(({ at }) => Math.abs(at - today) > UNDER_TODAY && at < 0.95)
            .map(({ atMs, at }) => (
              <span key={atMs} style={{ left: percent(at) }}>
                {month.format(atMs)}
                {new Date(atMs).getUTCMonth() === 0 ? ` ${new Date(atMs).getUTCFullYear()}` : ''}
              </span>
            ))}
          <span className="timeline-today" style={{ left: percent(today) }}>
            {words('certificates.page.timeline.today')}
          </span>
        </div>
        {certificates.map((certificate, index) => {
          const bar = bars[index];
          if (bar === undefined) return null;
          const { mark } = certificate.condition;
          const end = format.date(certificate.notAfterMs);
          const isInside = bar.to < 0.86;
          return [
            <b key={`${bar.id} name`}>{nameOf(words, certificate)}</b>,
            <div
              key={bar.id}
              className="timeline-row"
              role="img"
              aria-label={`${nameOf(words, certificate)}: ${leftText(words, certificate, nowMs)}, ${words('certificates.page.timeline.until', { date: end })}`}
            >
              {months.map(({ atMs, at }) => (
                <i key={atMs} style={{ left: percent(at) }} />
              ))}
              <span
                className={bar.isBeyond ? 'timeline-bar is-beyond' : 'timeline-bar'}
                data-state={mark}
                style={{ left: percent(bar.from), width: percent(Math.max(0.004, bar.to - bar.from)) }}
              />
              {isInside && (
                <span className="timeline-end" style={behind(bar.to)}>
                  <span>{words('certificates.page.timeline.until', { date: end })}</span>
                </span>
              )}
              <i className="is-today" style={{ left: percent(today) }} />
            </div>,
          ];
        })}
      </div>
    </Panel>
  );
}
