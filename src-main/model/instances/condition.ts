import { isEndedState } from '#contract/api/jobs.ts';
import type { AgentInstance } from '#contract/agent/instances.ts';
import type { Mark } from '#contract/api/base.ts';
import type { InstanceCode } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { type JobType, jobCatalogue, type RunAct } from '#contract/catalogue/jobs.ts';
import type { DesiredState } from './instance.ts';

/** An answer that takes longer is felt by a person. */
export const slowMs = 1000;

export type InstanceSigns = {
  readonly desired: DesiredState;
  /** The job that the instance's row names, where it is known. */
  readonly job: Pick<JobView, 'type' | 'state'> | undefined;
  /** What its agent last said; undefined when it said nothing yet. */
  readonly live: AgentInstance | undefined;
  readonly isServerConnected: boolean;
  /** The whole list of its agent is known and followed: what is not in it is not there. */
  readonly isFollowed: boolean;
  readonly serverName: string;
  /** Nobody reaches it through its server's edge. */
  readonly isEdgeDark: boolean;
};

/** A state with what its sentence needs: every code has the same parameters every time. */
export type InstanceState = { readonly mark: Mark; readonly code: InstanceCode; readonly parameters: Record<string, string | number> };

const state = (mark: Mark, code: InstanceCode, parameters: Record<string, string | number> = {}): InstanceState => ({
  mark,
  code,
  parameters,
});

/** The state of an instance: one mark, one code. What a person wants comes before what is measured; a job before both. */
export function instanceStateOf(signs: InstanceSigns): InstanceState {
  return jobState(signs) ?? missingState(signs) ?? stateDesired(signs) ?? liveState(signs);
}

/** What an act that is under way brings the instance to; its undo the other way. */
const underway: Record<RunAct, { readonly forward: InstanceCode; readonly back: InstanceCode }> = {
  start: { forward: 'starting', back: 'stopping' },
  restart: { forward: 'restarting', back: 'restarting' },
  resume: { forward: 'resuming', back: 'suspending' },
  stop: { forward: 'stopping', back: 'starting' },
  suspend: { forward: 'suspending', back: 'resuming' },
};
const isRunAct = (type: JobType): type is RunAct => Object.hasOwn(underway, type);

function jobState({ desired, job, serverName }: InstanceSigns): InstanceState | undefined {
  if (job === undefined || isEndedState(job.state)) {
    if (desired === 'made') return state('warning', 'half-made');
    return desired === 'removed' ? state('working', 'removing') : undefined;
  }
  const isStoppedOrPaused = job.state === 'stopped' || job.state === 'paused';
  if (isRunAct(job.type)) {
    // One that stands still made nothing by halves: what is wanted and what is measured tell it.
    if (isStoppedOrPaused) return undefined;
    return working(underway[job.type][job.state === 'undoing' ? 'back' : 'forward'], serverName);
  }
  const { aim } = jobCatalogue[job.type];
  // and so does whatever else is there and only otherwise afterwards
  if (aim === 'changes') return isStoppedOrPaused ? undefined : state('working', 'changing');
  if (isStoppedOrPaused) return state('warning', 'half-made');
  return aim === 'makes' && job.state !== 'undoing' ? state('working', 'creating') : state('working', 'removing');
}

const working = (code: InstanceCode, server: string): InstanceState =>
  state('working', code, code === 'stopping' || code === 'suspending' ? { server } : {});

/** Also of one that is stopped or suspended: what a customer kept there has gone from its place. */
function missingState({ live, isServerConnected, isFollowed, serverName }: InstanceSigns): InstanceState | undefined {
  return live === undefined && isServerConnected && isFollowed ? state('bad', 'missing', { server: serverName }) : undefined;
}

/** What its agent was not told yet has not happened: it runs on until its server is back. */
function stateDesired({ desired, live, serverName }: InstanceSigns): InstanceState | undefined {
  if (desired !== 'suspended' && desired !== 'stopped') return undefined;
  if (live?.wanted === 'running') return working(desired === 'stopped' ? 'stopping' : 'suspending', serverName);
  return state('paused', desired);
}

function liveState({ live, isServerConnected, isFollowed, serverName, isEdgeDark }: InstanceSigns): InstanceState {
  if (live === undefined || !isServerConnected || !isFollowed) return state('unknown', 'not-seen', { server: serverName });
  const { process } = live;
  switch (process.state) {
    case 'none':
      return state('bad', 'down', { server: serverName });
    case 'starting':
      return state('working', 'starting');
    case 'stopping':
      return state('working', 'restarting');
    case 'crash-loop':
      return state('bad', 'crash-loop', { restarts: live.restarts, exitCode: process.exitCode, lastLine: process.lastLine });
    case 'running':
      return isEdgeDark && live.health === 'healthy' ? state('bad', 'unreached', { server: serverName }) : healthState(live);
  }
}

function healthState(live: AgentInstance): InstanceState {
  if (live.health === 'unhealthy') return state('bad', 'unhealthy', { answered: live.healthAnswer });
  if (live.health === 'unknown') return state('working', 'starting');
  if (live.selfCheck === 'bad') return state('warning', 'unhealthy', { answered: 'selfCheck' });
  const answerMs = Math.round(live.answerMs ?? 0);
  return answerMs > slowMs ? state('warning', 'slow', { answerMs }) : state('good', 'running');
}

/** When the present state began, where that can be known from what is measured. */
export function beganAtMs(code: InstanceCode, live: AgentInstance | undefined): number | undefined {
  const { process } = live ?? {};
  if (code !== 'running' && code !== 'slow' && code !== 'starting') return undefined;
  return process !== undefined && 'startedAtMs' in process ? Math.round(process.startedAtMs) : undefined;
}
