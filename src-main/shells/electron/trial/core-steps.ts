import type { JobView } from '#contract/api/jobs.ts';
import { packageId } from '#contract/ids.ts';
import type { Detail } from './trial-results.ts';
import { absent, failed, passed, soon, type Trial, type TrialStep, until } from './trial-step.ts';

const requestKey = (): string => crypto.randomUUID();

/** A keychain is given the key beside, after the home is open, so it is waited for a while. */
const keychainMs = 8000;

const keychain: TrialStep = {
  name: 'keychain',
  limitMs: 20_000,
  run: async (trial, signal) => {
    const startedMs = performance.now();
    const [mine, file, runsOn] = await until(signal, async () => {
      const settings = await trial.inside.client().settings.get(undefined, soon());
      const [found, beside] = (['keychain', 'file'] as const).map((kind) => settings.keepers.find((keeper) => keeper.kind === kind));
      const isWaited = found?.isAvailable === true && !found.holds && performance.now() - startedMs < keychainMs;
      return isWaited ? undefined : ([found, beside, settings.runsOn] as const);
    });
    const detail: Detail = {
      keychain: mine?.holds === true ? 'holds' : mine?.isAvailable === true ? 'does not hold' : (mine?.reason ?? 'unknown'),
      file: file?.holds === true ? 'holds' : 'does not hold',
      core: runsOn,
    };
    if (mine?.holds === true) return passed(detail);
    // The home opens by its key file: nobody is locked out.
    return file?.holds === true && mine?.isAvailable !== true ? absent(detail) : failed(detail);
  },
};

const demoServers = 3;

async function readyServers(trial: Trial): Promise<number> {
  const { servers } = await trial.inside.client().servers.list(undefined, soon());
  return servers.filter(({ condition }) => condition.code === 'ready').length;
}

/** Only in a home without a farm: nothing that is a person's own is touched. */
const demo: TrialStep = {
  name: 'demo',
  limitMs: 120_000,
  run: async (trial, signal) => {
    const { inside, language } = trial;
    const { farm } = await until(signal, () => inside.client().settings.get(undefined, soon()));
    if (farm !== undefined) return failed({ problem: 'this home has a farm already' });
    await inside.client().settings.startDemo({ requestKey: requestKey(), language }, { signal });
    const ready = await until(signal, async () => {
      const count = await readyServers(trial);
      return count === demoServers ? count : undefined;
    });
    return passed({ ready });
  },
};

/** The package that needs no npm. */
const trialPackage = packageId.parse('static-site');
const trialInstance = 'anna';

async function follow(trial: Trial, first: JobView, signal: AbortSignal): Promise<JobView> {
  let last = first;
  for await (const view of await trial.inside.client().jobs.watch({ jobId: first.id }, { signal })) last = view;
  return last;
}

const instance: TrialStep = {
  name: 'instance',
  limitMs: 120_000,
  run: async (trial, signal) => {
    const core = trial.inside.client();
    await until(signal, async () => (await core.packages.list({}, soon())).packages.find(({ id }) => id === trialPackage));
    const startedMs = performance.now();
    const begun = await core.instances.create({ requestKey: requestKey(), name: trialInstance, packageId: trialPackage }, { signal });
    const job = await follow(trial, begun, signal);
    const jobMs = Math.round(performance.now() - startedMs);
    const step = job.steps.find(({ state }) => state === 'failed');
    if (job.state !== 'done')
      return failed({ job: job.state, step: step?.name ?? '', code: job.failure?.code ?? step?.failure?.code ?? '' });
    const { id, url } = await core.instances.find({ name: trialInstance }, soon());
    // The core asks the address itself, by its name and through its certificate, once more.
    const { road } = await core.instances.check({ requestKey: requestKey(), instanceId: id }, { signal });
    const detail: Detail = { url, jobMs, ...Object.fromEntries(road.map(({ stone, mark }) => [stone, mark])) };
    const isAnswered = ['certificate', 'edge', 'application'].every((stone) => detail[stone] === 'good');
    return isAnswered ? passed(detail) : failed(detail);
  },
};

/** After the program was begun again. */
const demoAgain: TrialStep = {
  name: 'demoAgain',
  limitMs: 60_000,
  run: async (trial, signal) => {
    const ready = await until(signal, async () => {
      const { farm } = await trial.inside.client().settings.get(undefined, soon());
      const count = await readyServers(trial);
      return farm?.isDemo === true && count === demoServers ? count : undefined;
    });
    const { url, condition } = await trial.inside.client().instances.find({ name: trialInstance }, soon());
    return passed({ ready, url, instance: condition.code });
  },
};

export const firstCoreSteps: readonly TrialStep[] = [keychain];
export const farmSteps: readonly TrialStep[] = [demo, instance];
export const secondCoreSteps: readonly TrialStep[] = [demoAgain];
