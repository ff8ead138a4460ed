import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Resources } from '#contract/api/base.ts';
import { defaultAgentPort } from '#contract/agent/pairing.ts';

export type Listen = { readonly host: string; readonly port: number };
export type RunSettings = {
  readonly home: string;
  readonly link: Listen;
  readonly https: Listen;
  readonly http: Listen;
  readonly simulated: Resources | undefined;
  readonly edgeBundle: string | undefined;
  /** Where packages and instances lie instead of in the home: a folder that their users may pass. */
  readonly instances: string | undefined;
  /** May it keep rules of the system about ports, where it is root? */
  readonly hasPortRules: boolean;
  /** How many processes serve visitors. */
  readonly edgeWorkers: number;
};

export type AgentCommand =
  | { readonly verb: 'run'; readonly settings: RunSettings }
  | { readonly verb: 'code'; readonly home: string }
  | { readonly verb: 'version' }
  | { readonly verb: 'help' }
  | { readonly verb: 'wrong'; readonly argument: string };

const loopback = '127.0.0.1';
/** Each has a heap of its own; more than four seldom help a server whose cores belong to applications. */
const usualMostWorkers = 4;
const mostWorkers = 64;

/** `host:port`, `[v6]:port` or a port alone. */
function parseListen(text: string, defaultHost: string): Listen | undefined {
  const found = /^(?:(\[[0-9a-fA-F:.%]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(found?.[2]);
  if (found === null || port > 65_535) return undefined;
  return { host: (found[1] ?? defaultHost).replace(/^\[|\]$/g, ''), port };
}

const simulatedKeys = ['memoryBytes', 'cpuMillicores', 'diskBytes'] as const;

function parseSimulated(text: string): Resources | undefined {
  const values = new Map(text.split(',').map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])] as const));
  const [memoryBytes = 0, cpuMillicores = 0, diskBytes = 0] = simulatedKeys.map((key) => values.get(key) ?? 0);
  const isWhole = [memoryBytes, cpuMillicores, diskBytes].every((value) => Number.isSafeInteger(value) && value > 0);
  return isWhole && values.size === simulatedKeys.length ? { memoryBytes, cpuMillicores, diskBytes } : undefined;
}

function readRun(values: Readonly<Record<string, string | undefined>>): AgentCommand {
  const wrong = (argument: string): AgentCommand => ({ verb: 'wrong', argument });
  const { home, simulate } = values;
  if (home === undefined || home === '') return wrong('--home');
  const link = parseListen(values['listen'] ?? String(defaultAgentPort), loopback);
  const https = parseListen(values['https'] ?? '443', '0.0.0.0');
  const http = parseListen(values['http'] ?? '80', '0.0.0.0');
  const simulated = simulate === undefined ? undefined : parseSimulated(simulate);
  if (link === undefined) return wrong('--listen');
  if (https === undefined) return wrong('--https');
  if (http === undefined) return wrong('--http');
  if (simulate !== undefined && simulated === undefined) return wrong('--simulate');
  const rules = values['port-rules'] ?? 'on';
  if (rules !== 'on' && rules !== 'off') return wrong('--port-rules');
  const edgeWorkers = Number(values['edge-workers'] ?? Math.min(usualMostWorkers, availableParallelism()));
  if (!Number.isInteger(edgeWorkers) || edgeWorkers < 1 || edgeWorkers > mostWorkers) return wrong('--edge-workers');
  const more = { edgeWorkers, edgeBundle: values['edge-bundle'], instances: values['instances'], hasPortRules: rules === 'on' };
  return { verb: 'run', settings: { home, link, https, http, simulated, ...more } };
}

/** What was asked for on the command line. Never throws: what cannot be understood is `wrong`, with the argument. */
export function readCommandLine(args: readonly string[]): AgentCommand {
  const text = { type: 'string' } as const;
  const options = {
    home: text,
    listen: text,
    https: text,
    http: text,
    simulate: text,
    'edge-bundle': text,
    instances: text,
    'port-rules': text,
    'edge-workers': text,
  };
  const flags = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...options, ...flags }, allowPositionals: true });
    const { help, version, ...rest } = values;
    if (help === true || (positionals[0] === 'help' && positionals.length === 1)) return { verb: 'help' };
    if (version === true) return { verb: 'version' };
    if (positionals.length > 1) return { verb: 'wrong', argument: positionals[1] ?? '' };
    if (positionals[0] === 'run') return readRun(rest);
    if (positionals[0] === 'code')
      return rest.home === undefined ? { verb: 'wrong', argument: '--home' } : { verb: 'code', home: rest.home };
    return positionals[0] === undefined ? { verb: 'help' } : { verb: 'wrong', argument: positionals[0] };
  } catch (error) {
    return { verb: 'wrong', argument: /'([^' ]*)/.exec(error instanceof Error ? error.message : '')?.[1] ?? args.join(' ') };
  }
}
