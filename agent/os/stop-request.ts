/** Every way in which a system asks a program to end. Windows knows only the console's; Node takes the other names there without harm. */
const requests = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const;

/** Calls `act` once when the system asks this process to end; returns its disposer. */
export function onStopRequested(act: (request: string) => void): () => void {
  const dispose = (): void => {
    for (const request of requests) process.removeListener(request, listener);
  };
  const listener = (request: string): void => {
    dispose();
    act(request);
  };
  for (const request of requests) process.on(request, listener);
  return dispose;
}
