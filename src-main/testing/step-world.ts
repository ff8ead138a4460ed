import type { JobTable, Step } from '../engine/job-table.ts';

/** A world that steps act on and that outlives any engine: each step makes two things, and may be cut off between them. */
export function createStepWorld(names: readonly string[]) {
  const things = new Set<string>();
  const forever = new Promise<never>(() => undefined);
  let cutIn: { readonly where: string; readonly reached: () => void } | undefined;
  const failing = new Map<string, Error>();
  const acts: string[] = [];
  const passed = async (what: string): Promise<void> => {
    if (cutIn?.where === what) {
      cutIn.reached();
      cutIn = undefined;
      await forever;
    }
  };
  const step = (name: string, isPastReturn: boolean): Step => ({
    name,
    isPastReturn: (_job, { attempts }) => isPastReturn && attempts > 0,
    timeoutMs: () => 10_000,
    waiting: () => ({ code: name, parameters: {} }),
    act: async ({ signal, remember, waitFor }) => {
      acts.push(`do ${name}`);
      const error = failing.get(name);
      if (error !== undefined) throw error;
      await remember({ began: true });
      waitFor({ code: `${name}-half`, parameters: {} });
      things.add(`${name}.1`);
      await passed(`${name} half done`);
      signal.throwIfAborted();
      things.add(`${name}.2`);
      return { outcome: 'done' };
    },
    isThere: async ({ job }) =>
      job.direction === 'back' ? things.has(`${name}.1`) || things.has(`${name}.2`) : things.has(`${name}.1`) && things.has(`${name}.2`),
    undo: async () => {
      acts.push(`undo ${name}`);
      things.delete(`${name}.2`);
      await passed(`${name} half undone`);
      things.delete(`${name}.1`);
    },
    leftovers: () => [
      {
        of: 'files',
        see: async () => [
          { code: 'folder', parameters: { server: name }, isPresent: things.has(`${name}.1`), checkedAtMs: 1, witness: name },
        ],
      },
    ],
  });
  const tableOf = (version = 1, pastReturn?: string): JobTable => ({
    type: 'create',
    onFailure: 'wait',
    resume: 'ask',
    version,
    continues: [],
    steps: names.map((name) => step(name, name === pastReturn)),
  });
  return {
    things,
    acts,
    tableOf,
    /** The next passage of that point never returns, as when the process is killed there; resolves when it was reached. */
    cut: (where: string): Promise<void> =>
      new Promise((resolve) => {
        cutIn = { where, reached: resolve };
      }),
    fail: (name: string, error: Error | undefined): void => {
      if (error === undefined) failing.delete(name);
      else failing.set(name, error);
    },
    all: names.flatMap((name) => [`${name}.1`, `${name}.2`]),
  };
}
export type StepWorld = ReturnType<typeof createStepWorld>;
