import type { ReactNode } from 'react';
import { Panel } from '../../ui/panel.tsx';

/** A titled group of settings. The title takes the focus when the list of parts leads here. */
export function Section({ id, title, says, children }: { id: string; title: string; says?: string | undefined; children: ReactNode }) {
  return (
    <section className="set-section" id={`settings-${id}`}>
      <h2 tabIndex={-1}>{title}</h2>
      {says !== undefined && <p className="soft">{says}</p>}
      <Panel look="bare">{children}</Panel>
    </section>
  );
}
