import type { EdgeContext } from './edge-context.ts';
import type { RouteEntry } from './route-table.ts';

/** Where a visitor sits: an answer, a stream, a connection. */
type Visitor = { readonly once: (event: 'close' | 'end', act: () => void) => unknown };

/** Only where a moment later another answer may come: a page that says "suspended" is already the new state. */
const isWorthWaiting = ({ route }: RouteEntry): boolean => route.state === 'running' || route.state === 'starting';

/**
 * Keeps a request back while its instance is held. `go`: nothing is held, go on now. `full`: too many wait, show the page of an instance that
 * starts. `kept`: `again` is called once when it is let go, to look for the route anew; never when the visitor left before.
 */
export function admit(
  context: EdgeContext,
  entry: RouteEntry | undefined,
  visitor: Visitor,
  again: () => void,
  { mayWrite, leaves = 'close' }: { readonly mayWrite: boolean; readonly leaves?: 'close' | 'end' },
): 'go' | 'full' | 'kept' {
  if (entry === undefined || !isWorthWaiting(entry)) return 'go';
  const goOn = (): void => {
    try {
      again();
    } catch (error) {
      context.log.write('bug', { message: String(error), stack: error instanceof Error ? error.stack : '' });
    }
  };
  const admitted = context.holds.admit(entry.route.instanceId, goOn, mayWrite);
  if (admitted === 'free') return 'go';
  if (admitted === 'full') return 'full';
  visitor.once('close', admitted);
  if (leaves === 'end') visitor.once('end', admitted);
  return 'kept';
}
