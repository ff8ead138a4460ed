import type { AgentLog } from '../ports.ts';

/**
 * A promise that nobody waited for is a bug, but not one that should cost the server its agent, or visitors their edge; an exception out of nowhere may
 * have left anything half done: the process ends with 1 and is started again. Called once in a process.
 */
export function watchForBugs(log: Pick<AgentLog, 'bug'>): void {
  process.on('unhandledRejection', (error) => void log.bug(error, { caught: 'unhandledRejection' }));
  process.on('uncaughtException', (error) => {
    if ('code' in error && error.code === 'EPIPE') return;
    const reference = log.bug(error, { caught: 'uncaughtException' });
    sayFailure({ code: 'INTERNAL', parameters: { reference } });
    process.exit(1);
  });
}

/** One JSON line on stderr: what a program that started us reads. */
export function sayFailure(failure: { readonly code: string; readonly parameters: Readonly<Record<string, unknown>> }): void {
  process.stderr.write(`${JSON.stringify({ code: failure.code, parameters: failure.parameters })}\n`);
}
