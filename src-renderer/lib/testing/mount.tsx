import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { connectCore } from '../core-client.ts';
import { GroundContext } from '../core-context.ts';
import type { OpenWay } from '../core-link.ts';
import { createWebHost } from '../web-host.ts';
import { emptyPage } from './empty-page.ts';

/** A way to a core that a test opens and cuts. */
export function createTestWays() {
  let cut = (): void => undefined;
  const open = (): OpenWay => {
    const closed = new Promise<void>((resolve) => {
      cut = resolve;
    });
    return { link: { call: async () => undefined }, opened: Promise.resolve(), closed, close: () => undefined };
  };
  return { open, cut: () => cut() };
}

/** Shows components that draw nothing, with effects and all, on a link of its own. `unmount` ends both. */
export function mount(
  children: ReactNode,
  ways = createTestWays(),
): { readonly show: (next: ReactNode) => void; readonly unmount: () => void } {
  const root = createRoot(emptyPage);
  const connection = connectCore(ways.open, { nowMs: Date.now, after: later, random: () => 0 });
  const show = (next: ReactNode): void => root.render(<GroundContext value={{ connection, host: createWebHost() }}>{next}</GroundContext>);
  show(children);
  return {
    show,
    unmount: () => {
      root.unmount();
      connection.link.dispose();
    },
  };
}

/** Waits between attempts are of no interest here. */
function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, Math.min(ms, 20));
  return () => clearTimeout(timer);
}
