import type { AgentLog } from './ports.ts';

/** A promise that nobody waited for is a bug, but not one that should cost the server its agent; an exception out of nowhere may have left anything half done. */
export function watchForBugs(log: AgentLog): void {
  process.on('unhandledRejection', (error) => void log.bug(error, { at: 'unhandledRejection' }));
  process.on('uncaughtException', (error) => {
    if ('code' in error && error.code === 'EPIPE') return;
    const reference = log.bug(error, { at: 'uncaughtException' });
    sayFailure({ code: 'INTERNAL', parameters: { reference } });
    process.exit(1);
  });
}

/** One JSON line on stderr: what a program that started us reads. */
export function sayFailure(failure: { readonly code: string; readonly parameters: Readonly<Record<string, unknown>> }): void {
  process.stderr.write(`${JSON.stringify({ code: failure.code, parameters: failure.parameters })}\n`);
}
