import { sayFailure, toFailure, translateFor } from '../speech.ts';
import { readParameters } from './parameters.ts';
import type { Surroundings } from './run-http.ts';

const parameters = readParameters(process.argv.slice(2), process.env);
const t = translateFor(parameters.language);
const say = (sentence: string): void => void process.stdout.write(`${sentence}\n`);
const complain = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

/** A failure that we expect is said and ends the program; anything else is a bug and may show its stack here, in a terminal. */
function explain(error: unknown): void {
  const failure = toFailure(error);
  if (failure === undefined) throw error;
  complain(sayFailure(t, failure));
}

async function start(around: Surroundings): Promise<number> {
  // Before anything is opened, so that a home is let go properly however early the person changes their mind.
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  // Only now: the whole core comes with it, and a mistyped option need not wait for that.
  const { runHttp } = await import('./run-http.ts');
  const run = await runHttp(around);
  if (typeof run === 'boolean') return run ? 0 : 1;
  // The program stays when the demo farm did not start: its window says why and offers to try again.
  run.demo.catch(explain);
  await ended;
  say(t('shells.http.ending'));
  await run.close();
  return 0;
}

if (parameters.kind === 'help') say(t('shells.http.usage'));
else if (parameters.kind === 'wrong') {
  const own = { '--port': 'shells.http.port', '--language': 'shells.http.language' } as const;
  const { option } = parameters;
  complain(option === '--port' || option === '--language' ? t(own[option]) : t('shells.http.option', { option }));
  complain(t('shells.http.usage'));
  process.exitCode = 2;
} else {
  try {
    // Streams and timers of others must not keep a program that was told to end.
    process.exit(await start({ parameters, t, say, environment: process.env, process }));
  } catch (error) {
    explain(error);
    process.exit(1);
  }
}
