import { SegmentedControl } from '@mantine/core';
import { classNames } from './class-names.ts';
import './styles/segments.css';

export interface Segment {
  id: string;
  text: string;
  count?: string | undefined;
}

export interface SegmentsProps {
  label: string;
  segments: readonly Segment[];
  value: string;
  onChange: (id: string) => void;
  size?: 'normal' | 'small';
}

/* Views of one thing, one of them on. */
export function Segments({ label, segments, value, onChange, size = 'normal' }: SegmentsProps) {
  return (
    <SegmentedControl
      aria-label={label}
      value={value}
      onChange={onChange}
      unstyled
      transitionDuration={0}
      classNames={{
        root: classNames('segments', size === 'small' && 'is-small'),
        indicator: 'segments-indicator',
        control: 'segment',
        input: 'segment-input',
        label: 'segment-label',
        innerLabel: 'segment-words',
      }}
      data={segments.map((segment) => ({
        value: segment.id,
        label: (
          <>
            {segment.text}
            {segment.count !== undefined && <small>{segment.count}</small>}
          </>
        ),
      }))}
    />
  );
}
