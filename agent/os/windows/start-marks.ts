import { type Programs, powerShell } from './programs.ts';

/** Where nothing tells start times, only the number is known, and the mark says so. */
export const numberOnly = 'number-only';
/** PowerShell takes a third of a second: who only looks gets what was seen within this time. */
const lastsMs = 30_000;
/** After an answer that did not come, e.g. on a system without PowerShell, nobody asks for so long. */
const silentMs = 600_000;

type Seen = { readonly mark: string; readonly atMs: number };

/** Start times as https://learn.microsoft.com/powershell/module/microsoft.powershell.management/get-process tells them: what a process is known by. */
export type StartMarks = {
  /** Asked now, and waited for; `number-only` where no answer comes. */
  readonly ask: (processId: number) => string;
  /** As it was last seen. What is older than half a minute is asked for again, for all known at once, without anybody waiting. */
  readonly lastSeen: (processId: number) => string;
  readonly forget: (processId: number) => void;
};

const isMark = (text: string | undefined): text is string => text !== undefined && /^\d{15,20}$/.test(text);

export function createStartMarks(programs: Programs, isRunning: (processId: number) => boolean, nowMs: () => number): StartMarks {
  const known = new Map<number, Seen>();
  let silentUntilMs = Number.NEGATIVE_INFINITY;
  let isRefreshing = false;
  const start = ['-NoProfile', '-NonInteractive', '-Command'];

  const ask = (processId: number): string => {
    if (nowMs() < silentUntilMs) return numberOnly;
    const expression = `(Get-Process -Id ${processId} -ErrorAction Stop).StartTime.ToFileTimeUtc()`;
    const answer = programs.ask(powerShell(), [...start, expression])?.trim();
    if (isMark(answer)) {
      known.set(processId, { mark: answer, atMs: nowMs() });
      return answer;
    }
    // Gone meanwhile, or a system without PowerShell.
    known.delete(processId);
    if (isRunning(processId)) silentUntilMs = nowMs() + silentMs;
    return numberOnly;
  };
  const refresh = async (): Promise<void> => {
    const ids = [...known.keys()].filter(isRunning);
    if (isRefreshing || ids.length === 0) return;
    isRefreshing = true;
    const expression = `Get-Process -Id ${ids.join(',')} -ErrorAction SilentlyContinue | ForEach-Object { "$($_.Id) $($_.StartTime.ToFileTimeUtc())" }`;
    const answer = (await programs.askLater(powerShell(), [...start, expression])) ?? '';
    const atMs = nowMs();
    for (const line of answer.split('\n')) {
      const [id, mark] = line.trim().split(' ');
      if (isMark(mark)) known.set(Number(id), { mark, atMs });
    }
    // Those of whom nothing was said are asked again no sooner than the others.
    for (const id of ids) {
      const seen = known.get(id);
      if (seen !== undefined && seen.atMs !== atMs) known.set(id, { ...seen, atMs });
    }
    isRefreshing = false;
  };

  return {
    ask,
    lastSeen: (processId) => {
      const seen = known.get(processId);
      if (seen === undefined) return ask(processId);
      if (nowMs() - seen.atMs > lastsMs) void refresh();
      return seen.mark;
    },
    forget: (processId) => void known.delete(processId),
  };
}
