import type { ReactNode } from 'react';

export interface ShellProps {
  rail: ReactNode;
  strip: ReactNode;
  children: ReactNode;
  /* First tab stop: leads past the rail. */
  skipLabel: string;
}

const MAIN_ID = 'main-content';

/* Rail, content and strip each own a place in one grid, so nothing can cover anything. */
export function Shell({ rail, strip, children, skipLabel }: ShellProps) {
  const skip = (): void => document.getElementById(MAIN_ID)?.focus();
  return (
    <div className="shell">
      <button type="button" className="skip button" onClick={skip}>
        {skipLabel}
      </button>
      {rail}
      <main className="main" id={MAIN_ID} tabIndex={-1}>
        {children}
      </main>
      {strip}
    </div>
  );
}
