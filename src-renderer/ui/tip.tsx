import { Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';
import './styles/tip.css';

export interface TipProps {
  text: string;
  /* One element that can take a ref; it stays the focus stop. */
  children: ReactElement;
}

export function Tip({ text, children }: TipProps) {
  return (
    <Tooltip
      label={text}
      classNames={{ tooltip: 'tip' }}
      events={{ hover: true, focus: true, touch: true }}
      openDelay={300}
      transitionProps={{ duration: 0 }}
      multiline
      withinPortal
    >
      {children}
    </Tooltip>
  );
}
