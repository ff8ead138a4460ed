import type { SendHandle } from 'node:child_process';
import type { HeldPort } from '#kit/node/held-sockets.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { StoredZone } from '../../../../ports/dns.ts';
import type { ZoneChange } from '../zone-changes.ts';
import { createLines } from './lines.ts';
import { type FromCore, type FromProcess, fromProcess, mostCharactersOfProcess } from './messages.ts';
import type { StartedProgram } from './start-program.ts';

/** Why a process ended, or was ended by us. */
export type Ending =
  | { readonly how: 'exited'; readonly exit: string; readonly lastWords: string }
  /** It could not be run at all. */
  | { readonly how: 'not-started'; readonly cause: Error }
  | { readonly how: 'refused'; readonly code: string }
  | { readonly how: 'hung' | 'spoke-wrongly' | 'closed' };

export type Life = {
  readonly tell: (version: number, change: ZoneChange) => void;
  /** Asks it to end, and makes it after two seconds. Resolves when it has. */
  readonly end: () => Promise<void>;
};

type LifeOptions = {
  readonly program: StartedProgram;
  readonly clock: Clock;
  readonly held: HeldPort | undefined;
  readonly address: string;
  readonly port: number;
  /** What it begins with; asked once, when it has its sockets. */
  readonly begin: () => { readonly version: number; readonly zones: readonly StoredZone[] };
  readonly serving: (port: number, version: number) => void;
  readonly taken: (version: number) => void;
  readonly ended: (ending: Ending) => void;
};

/** It is asked every two seconds, and ended when it did not answer three times in a row: found within eight seconds. Counted in our own turns, so that a computer that slept ends nobody. */
const askMs = 2000;
const mostMissed = 3;
/** A computer with much to do is slow to start a program. */
const mostMissedAtStart = 10;
const endMs = 2000;
const mostLastWords = 2000;
const lastWordsMs = 500;

/** What is expected of it next; whatever else it says ends it. */
type Stage = 'sockets' | 'serving' | 'answers' | 'over';

/** One process from its start to its end. It is believed nothing that it was not asked for; `ended` is called once, and nothing after it. */
export function beginLife(options: LifeOptions): Life {
  const { program, clock, held } = options;
  const { child } = program;
  let stage: Stage = held === undefined ? 'serving' : 'sockets';
  let told = 0;
  let taken = 0;
  let asked = 0;
  let heard = 0;
  let reason: Exclude<Ending, { how: 'exited' }> | undefined;
  let lastWords = '';
  const gone = Promise.withResolvers<void>();
  let stopTimer = (): void => undefined;

  const say = (message: FromCore): void => void child.stdin?.write(`${JSON.stringify(message)}\n`);
  const stop = (why: typeof reason): void => {
    if (stage === 'over') return;
    reason ??= why;
    child.kill('SIGKILL');
  };
  const over = (ending: Ending): void => {
    if (stage === 'over') return;
    stage = 'over';
    stopTimer();
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.stdin?.destroy();
    gone.resolve();
    options.ended(ending);
  };
  const begin = (): void => {
    const { version, zones } = options.begin();
    told = version;
    say({ say: 'begin', address: options.address, port: options.port, isPassed: held !== undefined, version, zones });
    stage = 'serving';
  };
  /** False: it was not asked for this. */
  const isHeard = (message: FromProcess): boolean => {
    switch (message.say) {
      case 'serving':
        if (stage !== 'serving' || message.version > told || (options.port !== 0 && message.port !== options.port)) return false;
        stage = 'answers';
        // What it was told while it began it may have taken already.
        taken = Math.max(taken, message.version);
        options.serving(message.port, taken);
        return true;
      case 'taken':
        if (message.version > told || message.version <= taken) return false;
        taken = message.version;
        if (stage === 'answers') options.taken(taken);
        return true;
      case 'pong':
        if (message.id > asked || message.id <= heard) return false;
        heard = message.id;
        return true;
      case 'failed':
        stop({ how: 'refused', code: message.code });
        return true;
    }
  };
  const onLine = (line: string): void => {
    if (stage === 'over' || reason !== undefined) return;
    const parsed = parse(line);
    if (parsed === undefined || !isHeard(parsed)) stop({ how: 'spoke-wrongly' });
  };
  const ask = (): void => {
    if (asked - heard >= (stage === 'answers' ? mostMissed : mostMissedAtStart)) {
      stop({ how: 'hung' });
      return;
    }
    asked += 1;
    say({ say: 'ping', id: asked });
    stopTimer = clock.after(askMs, ask);
  };

  child.stdin?.on('error', () => undefined);
  child.stdout?.setEncoding('utf8').on(
    'data',
    createLines(mostCharactersOfProcess, onLine, () => stop({ how: 'spoke-wrongly' })),
  );
  child.stderr?.setEncoding('utf8').on('data', (words: string) => {
    lastWords = (lastWords + words).slice(0, mostLastWords);
    // Nothing is written there but how it died.
    if (lastWords.length === mostLastWords) stop({ how: 'spoke-wrongly' });
  });
  child.once('error', (cause) => over({ how: 'not-started', cause }));
  child.once('exit', (code, signal) => {
    const told = (): void => over(reason ?? { how: 'exited', exit: signal ?? String(code ?? ''), lastWords });
    // Its pipes may still hold what it said last; whatever keeps them open must not keep us waiting.
    child.once('close', told);
    clock.after(lastWordsMs, told);
  });
  if (held === undefined) begin();
  else {
    // It has them, and lets the channel go that could carry anything: only now it is told whom to answer.
    child.once('disconnect', () => {
      if (stage === 'sockets') begin();
    });
    child.send('udp', held.udp as SendHandle);
    child.send('tcp', held.tcp as SendHandle);
  }
  ask();

  return {
    tell: (version, change) => {
      // Until it is given the zones there is nothing to change: they will have it.
      if (stage === 'sockets' || stage === 'over') return;
      told = version;
      say({ say: 'change', version, change });
    },
    end: async () => {
      reason ??= { how: 'closed' };
      child.stdin?.end();
      const stopKilling = clock.after(endMs, () => child.kill('SIGKILL'));
      await gone.promise;
      stopKilling();
    },
  };
}

function parse(line: string): FromProcess | undefined {
  try {
    return fromProcess.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
