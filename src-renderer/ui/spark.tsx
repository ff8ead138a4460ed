import { memo } from 'react';
import { sparkPaths } from './spark-path.ts';
import type { State } from './types.ts';
import './styles/spark.css';

export interface SparkProps {
  values: readonly (number | null)[];
  /* Never the only source of a number: the sentence says what it shows. */
  label: string;
  state?: State;
  min?: number;
  max?: number;
}

const WIDTH = 96;
const HEIGHT = 24;

export const Spark = memo(function Spark({ values, label, state, min, max }: SparkProps) {
  const { line, area } = sparkPaths(values, WIDTH, HEIGHT, { ...(min !== undefined && { min }), ...(max !== undefined && { max }) });
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" data-state={state} role="img" aria-label={label}>
      <path className="area" d={area} />
      <path d={line} />
    </svg>
  );
});
