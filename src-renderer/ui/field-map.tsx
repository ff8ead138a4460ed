import { Fragment, memo } from 'react';
import { classNames } from './class-names.ts';
import { fieldLayout, plotCells, type FieldGroup, type FieldPlot } from './field-layout.ts';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import './styles/panel.css';
import './styles/state.css';
import './styles/field-map.css';
import './styles/legend.css';

export interface FieldMapProps {
  label: string;
  plots: readonly FieldPlot[];
  groups?: readonly FieldGroup[];
}

const Plot = memo(function Plot({ plot, isSmall }: { plot: FieldPlot; isSmall: boolean }) {
  const { cells, roomCount } = plotCells(plot, isSmall);
  const isAlert = plot.state !== 'good';
  const shown = plot.isOld === true ? 'unknown' : plot.state;
  const inside = (
    <>
      <span className="plot-head" data-state={shown}>
        {isAlert && <StateMark state={shown} />}
        <b>{plot.name}</b>
        {!isSmall && plot.figure !== undefined && <span aria-hidden="true">{plot.figure}</span>}
        <span className="hidden-text">: {plot.says}</span>
      </span>
      <span className="cells" aria-hidden="true">
        {cells.map((state, index) => (
          // Squares have no identity of their own: the n-th square is the n-th square.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <i key={index} className="cell" data-state={state === 'good' ? undefined : state} />
        ))}
        {Array.from({ length: roomCount }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <i key={`room ${index}`} className="cell is-room" />
        ))}
      </span>
    </>
  );
  const className = classNames('plot', plot.isLost === true && 'is-lost', plot.isOld === true && 'is-old');
  const state = isSmall && isAlert ? shown : undefined;
  return plot.href === undefined ? (
    <div className={className} data-state={state}>
      {inside}
    </div>
  ) : (
    <a className={className} data-state={state} href={plot.href}>
      {inside}
    </a>
  );
});

/* A server is a plot, an instance a square, a hollow square is room for one more. */
export function FieldMap({ label, plots, groups = [] }: FieldMapProps) {
  const { isSmall, sections } = fieldLayout(plots, groups);
  return (
    <section className="panel field" aria-label={label}>
      {sections.map((section) => (
        <Fragment key={section.group?.id ?? ''}>
          {section.group !== undefined && (
            <div className="field-group">
              <b>{section.group.title}</b>
              <span>{section.group.note}</span>
            </div>
          )}
          <div className={classNames('field-map', isSmall && 'is-small', isSmall && section.group === undefined && 'is-alone')}>
            {section.plots.map((plot) => (
              <Plot key={plot.id} plot={plot} isSmall={isSmall} />
            ))}
          </div>
        </Fragment>
      ))}
    </section>
  );
}

export interface FieldLegendProps {
  items: readonly { state: State | 'room'; text: string }[];
}

export function FieldLegend({ items }: FieldLegendProps) {
  return (
    <div className="legend" aria-hidden="true">
      {items.map((item) => (
        <span key={item.state}>
          <i
            className={classNames('cell', item.state === 'room' && 'is-room')}
            data-state={item.state === 'room' || item.state === 'good' ? undefined : item.state}
          />
          {item.text}
        </span>
      ))}
    </div>
  );
}
