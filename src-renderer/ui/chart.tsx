import { lazy, type ReactNode, Suspense } from 'react';
import { classNames } from './class-names.ts';
import type { ChartLimit, ChartSeries } from './chart-plot.tsx';
import './styles/legend.css';
import './styles/chart.css';

export type { ChartLimit, ChartSeries } from './chart-plot.tsx';

// The drawing library is fetched when the first chart is shown, not with the window.
const ChartPlot = lazy(() => import('./chart-plot.tsx').then((module) => ({ default: module.ChartPlot })));

export interface ChartProps {
  title: ReactNode;
  /* The value now and its unit: "104" "ms", "645" "of 1 024 MB". */
  value: ReactNode;
  unit: ReactNode;
  /* The sentence; it is also what a screen reader reads for the drawing. */
  says: string;
  timesMs: readonly number[];
  series: readonly ChartSeries[];
  limits?: readonly ChartLimit[];
  min?: number;
  max?: number;
  /* What is drawn, also where nothing was measured; otherwise first to last sample. */
  range?: { fromMs: number; toMs: number };
  /* When what is measured began to be; before that nothing is shaded as missing. */
  existsSinceMs?: number;
  /* Usual distance of samples; otherwise the median. */
  stepMs?: number;
  /* A value with its unit for axis top and cursor: "240 ms". */
  formatValue: (value: number) => string;
  /* A bare number for the lower axis labels; otherwise formatValue. */
  formatTick?: (value: number) => string;
  /* Charts with the same key share one cursor. */
  syncKey?: string;
  heightPx?: number;
  /* The word at the right end of the time axis. */
  nowLabel?: string;
  headingLevel?: 2 | 3 | 4;
  language?: string;
}

export function Chart(props: ChartProps) {
  const { title, value, unit, says, series, headingLevel = 3, heightPx = 96 } = props;
  const Heading = `h${headingLevel}` as const;
  return (
    <section className="chart-part">
      <div className="chart-head">
        <Heading>{title}</Heading>
        {series.length > 1 && (
          <div className="legend">
            {series.map((one, index) => (
              <span key={one.label}>
                <i className={classNames('swatch', `s${index + 1}`)} />
                {one.label}
              </span>
            ))}
          </div>
        )}
        <span className="value">
          {value} <span className="unit">{unit}</span>
        </span>
      </div>
      <p className="chart-says">{says}</p>
      <Suspense fallback={<div style={{ height: heightPx + 20 }} />}>
        <ChartPlot {...props} heightPx={heightPx} />
      </Suspense>
    </section>
  );
}
