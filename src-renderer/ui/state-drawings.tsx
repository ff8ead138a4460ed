import type { ReactNode } from 'react';
import type { MarkState } from './types.ts';

/* Six shapes that differ without colour, and two for steps that have not run or were taken back. */
export const stateDrawings: Record<MarkState, ReactNode> = {
  bad: (
    <>
      <path
        d="M5.4 1.6h5.2l3.8 3.8v5.2l-3.8 3.8H5.4l-3.8-3.8V5.4Z"
        fill="currentColor"
        stroke="currentColor"
        strokeWidth=".8"
        strokeLinejoin="round"
      />
      <path d="m5.8 5.8 4.4 4.4M10.2 5.8l-4.4 4.4" fill="none" stroke="var(--surface)" strokeWidth="1.7" strokeLinecap="round" />
    </>
  ),
  good: (
    <>
      <circle cx="8" cy="8" r="6.75" fill="currentColor" />
      <path d="m5 8.2 2.1 2.1L11.1 6" fill="none" stroke="var(--surface)" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  paused: (
    <>
      <rect x="1.6" y="1.6" width="12.8" height="12.8" rx="3.4" fill="currentColor" />
      <path d="M6.2 5.4v5.2M9.8 5.4v5.2" stroke="var(--surface)" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  undone: (
    <>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path
        d="M6.6 5.4 5 7l1.6 1.6M5.2 7h3.4a2 2 0 0 1 0 4H7.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  unknown: (
    <>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.6 2.2" />
      <path
        d="M6.4 6.5a1.65 1.65 0 1 1 2.4 1.5c-.5.3-.8.6-.8 1.1M8 11.1v.01"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
      />
    </>
  ),
  waiting: <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  warning: (
    <>
      <path d="M8 2.4 14.1 13H1.9Z" fill="currentColor" stroke="currentColor" strokeWidth="1.8" strokeLinejoin="round" />
      <path d="M8 6v3.4M8 11.6v.01" fill="none" stroke="var(--surface)" strokeWidth="1.7" strokeLinecap="round" />
    </>
  ),
  working: (
    <>
      <circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" strokeWidth="2" opacity=".28" />
      <path className="turns" d="M8 2.25A5.75 5.75 0 0 1 13.75 8" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
};
