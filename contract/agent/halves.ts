import type { AgentApi } from './index.ts';

/**
 * What each command of an agent may do: `read` only looks; `write` changes something on the server; `link` keeps the link itself up, and only the driver
 * of links says it. Core code that only asks is given the commands that read, and nothing else. A command without a word here does not compile.
 */
export const agentCommandHalves = {
  certificates: { install: 'write', remove: 'write', list: 'read' },
  edge: { putRoute: 'write', removeRoute: 'write', routes: 'read', status: 'read' },
  instances: {
    list: 'read',
    describe: 'read',
    create: 'write',
    allow: 'write',
    start: 'write',
    stop: 'write',
    restart: 'write',
    remove: 'write',
    remains: 'read',
    watch: 'read',
    log: 'read',
    followLog: 'read',
  },
  link: { hello: 'link', beats: 'link', leave: 'write' },
  monitoring: { measuredSince: 'read', watchMeasured: 'read', since: 'read', watch: 'read' },
  packages: { list: 'read', status: 'read', upload: 'write', install: 'write', remove: 'write' },
  servers: { facts: 'read', findReference: 'read', watch: 'read' },
} as const satisfies { readonly [Area in keyof AgentApi]: { readonly [Command in keyof AgentApi[Area]]: 'read' | 'write' | 'link' } };

export type AgentHalf = 'read' | 'write';
type Halves = typeof agentCommandHalves;
type CommandsOf<Area extends keyof AgentApi, Half extends AgentHalf> = {
  [Command in keyof AgentApi[Area]]: Command extends keyof Halves[Area] ? (Halves[Area][Command] extends Half ? Command : never) : never;
}[keyof AgentApi[Area]];

/** The commands of one half, area by area; areas that have none are not in it. */
export type AgentApiHalf<Half extends AgentHalf> = {
  [Area in keyof AgentApi as [CommandsOf<Area, Half>] extends [never] ? never : Area]: Pick<AgentApi[Area], CommandsOf<Area, Half>>;
};
