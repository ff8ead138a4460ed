import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartProps } from './chart.tsx';
import { makeChartOptions, plotData } from './chart-options.ts';
import { useLook } from './look-context.ts';

export interface ChartSeries {
  label: string;
  values: readonly (number | null)[];
}

export interface ChartLimit {
  value: number;
  /* The limit's name: "plan M". */
  label: string;
}

/* The drawing. Made anew when its shape changes (theme, limits, size of the set), fed in place when only numbers do. */
export function ChartPlot(props: ChartProps) {
  const { says, series, heightPx = 96, limits = [] } = props;
  const { theme, language: own } = useLook();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const language = props.language ?? own;
  const shape = JSON.stringify([
    series.map((one) => one.label),
    limits,
    props.min,
    props.max,
    heightPx,
    language,
    theme,
    props.syncKey,
    props.nowLabel,
  ]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: shape stands for all that needs a new plot
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new uPlot(makeChartOptions(latest, element, language), plotData(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: made.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(plotData(props));
  }, [props]);

  return (
    <div className="chart-frame">
      <div ref={place} className="chart-place" role="img" aria-label={says} style={{ height: heightPx + 20 }} />
      {props.nowLabel !== undefined && (
        <span className="chart-now" aria-hidden="true">
          {props.nowLabel}
        </span>
      )}
    </div>
  );
}
