import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { resources } from '../api/base.ts';
import { sha256 } from '../ids.ts';
import { command } from './base.ts';

/** What an instance may reach on its server beside itself: TCP ports of loopback, and the metadata addresses of clouds. */
export const networkAccess = z.object({ loopbackPorts: z.array(z.number().int().min(1).max(65_535)).max(16), metadata: z.boolean() });
export type NetworkAccess = z.infer<typeof networkAccess>;

/** What the core asks for. Secrets among the parameters go in and never come out. */
export const instanceSpec = z.object({
  instanceId: z.string(),
  name: z.string(),
  host: z.string(),
  url: z.string(),
  manifestHash: sha256,
  payload: sha256,
  limits: resources,
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Started again after so long without any answer; 0: never; absent: 60. Agents of the first days never do. */
  hangSeconds: z.number().int().min(0).optional(),
  /** Asked by its package and agreed by an owner of the farm. Absent: nothing. Agents before 2026-11-29 give nothing. */
  network: networkAccess.optional(),
});
export type InstanceSpec = z.infer<typeof instanceSpec>;

/** `wanted` is what the core asked for last; `process` is what is. */
export const agentInstance = z.object({
  instanceId: z.string(),
  name: z.string(),
  host: z.string(),
  wanted: z.enum(['running', 'stopped']),
  process: z.discriminatedUnion('state', [
    z.object({ state: z.literal('none') }),
    z.object({ state: z.literal('starting'), processId: z.number().int(), startedAtMs: z.number() }),
    z.object({ state: z.literal('running'), processId: z.number().int(), startedAtMs: z.number() }),
    z.object({ state: z.literal('stopping'), processId: z.number().int() }),
    z.object({ state: z.literal('crash-loop'), nextTryAtMs: z.number(), exitCode: z.string(), lastLine: z.string() }),
  ]),
  health: z.enum(['unknown', 'healthy', 'unhealthy']),
  /** What the last health request was answered: a status, or a cause such as `refused`. */
  healthAnswer: z.string(),
  healthAtMs: z.number().optional(),
  selfCheck: z.enum(['none', 'good', 'bad']),
  answerMs: z.number().optional(),
  /** Restarts after a crash since the instance was started by the core. */
  restarts: z.number().int(),
  port: z.number().int(),
  /** The operating system's user, empty where the agent's own. */
  user: z.string(),
  folder: z.string(),
  cpuMillicores: z.number().optional(),
  memoryBytes: z.number().optional(),
  diskBytes: z.number().optional(),
  /** What it was made with, and what of that it is allowed now; absent where that is nothing, and from agents before 2026-11-30. */
  network: z.object({ asked: networkAccess, allowed: networkAccess }).optional(),
});
export type AgentInstance = z.infer<typeof agentInstance>;

/**
 * How quiet an instance was when it was ended: an application may acknowledge a write before it has written. `still`: every request was answered and
 * its folder had stopped changing. `gave-up`: it was ended all the same, and what it had acknowledged last may be lost.
 */
export const quietReport = z.object({
  state: z.enum(['still', 'gave-up']).catch('gave-up'),
  waitedMs: z.number().int(),
  /** Were new requests kept waiting at the edge meanwhile? */
  isHeld: z.boolean(),
  /** Requests that were not answered; absent when the edge could not tell. */
  inFlight: z.number().int().optional(),
  /** Answers that were under way (downloads, event streams, WebSockets): they may never end by themselves, and are cut. */
  streams: z.number().int().optional(),
  /** `unknown`: too large to be looked at, or not readable. */
  folder: z.enum(['still', 'moving', 'unknown']).catch('unknown'),
});
export type QuietReport = z.infer<typeof quietReport>;

/**
 * `quiet` is absent when there was nothing to end, and from agents of earlier days, which end it at once. `describe` says it after a restart that ended the
 * instance and then failed, until the next act: an error has no room for it.
 */
export const stoppedInstance = agentInstance.extend({ quiet: quietReport.optional() });
export type StoppedInstance = z.infer<typeof stoppedInstance>;

export const agentLogLine = z.object({ atMs: z.number(), stream: z.enum(['out', 'error', 'agent']), text: z.string() });
export type AgentLogLine = z.infer<typeof agentLogLine>;

const ref = z.object({ instanceId: z.string() });
export const instances = {
  list: command.output(z.object({ instances: z.array(agentInstance) })),
  /** The instance as it is; `NOT_FOUND` when it is not here. */
  describe: command.input(ref).output(stoppedInstance),
  /** Folder, user, port, files and set-up steps. Repeatable: done parts stay, half-done parts are done again. `PORT_TAKEN`, `SETUP_FAILED`, `DISK_FULL`. */
  create: command.input(instanceSpec).output(agentInstance),
  /**
   * What it may reach from now on of what it was made with; asked again, it may be more or less. Where its server keeps rules by owner they hold at once: keys of
   * clouds are out of reach, new connections are refused; those that stand end with its next restart.
   */
  allow: command.input(ref.extend({ network: networkAccess })).output(agentInstance),
  /** Starts and waits until the health check is good, at most the manifest's time: `APPLICATION_DIED`, `APPLICATION_NOT_HEALTHY`. */
  start: command.input(ref).output(agentInstance),
  /** Waits until it is quiet, at most some seconds, then ends it. */
  stop: command.input(ref).output(stoppedInstance),
  restart: command.input(ref).output(stoppedInstance),
  /** Stops it and removes process, folder, user, port. Absent is fine. The answer lists what was found and is gone. */
  remove: command
    .input(ref)
    .output(z.object({ removed: z.array(z.enum(['process', 'folder', 'user', 'port', 'log'])), quiet: quietReport.optional() })),
  /** What is left of an instance here: for the proof list and for sweeps. */
  remains: command.input(ref).output(
    z.object({
      processIds: z.array(z.number()),
      hasFolder: z.boolean(),
      hasUser: z.boolean(),
      isPortOpen: z.boolean(),
      hasState: z.boolean(),
    }),
  ),
  /** All instances first, then each that changed, several in one event. */
  watch: command.output(eventIterator(z.object({ instances: z.array(agentInstance), removed: z.array(z.string()) }))),
  log: command
    .input(z.object({ instanceId: z.string(), lines: z.number().int().min(1).max(5000) }))
    .output(z.object({ lines: z.array(agentLogLine) })),
  followLog: command
    .input(z.object({ instanceId: z.string(), lines: z.number().int().min(0).max(1000) }))
    .output(eventIterator(z.object({ lines: z.array(agentLogLine) }))),
};
