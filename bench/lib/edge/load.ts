import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuSeconds, memoryTogetherMb } from '../process-cost.ts';
import { hosts, type StartedProxy, routes, type Stage } from './proxies.ts';

const run = promisify(execFile);

/** A process with all below it. */
export function family(processId: number): number[] {
  const below = readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return [processId, ...below.flatMap(family)];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
export const cpuOf = ({ processId }: StartedProxy): number => sum(family(processId).map(cpuSeconds));
export const memoryOf = ({ processId }: StartedProxy): number => memoryTogetherMb(family(processId));

export type Measured = {
  /** Of the proxy's own CPU; the first thing to look at, because other programs cannot take it away. */
  readonly perCpuSecond: number;
  readonly perSecond: number;
  /** Answers that were no 2xx, and errors. */
  readonly bad: number;
  /** Milliseconds; only where the rate is fixed. */
  readonly p99Ms?: number;
};

export type Load = (proxy: StartedProxy, round: number) => Promise<Measured>;

/** The kinds of load, by what they say on their line. */
export function createLoads(
  stage: Stage,
  { seconds, loadCore, connections }: { readonly seconds: number; readonly loadCore: string | undefined; readonly connections: number },
) {
  const command = (program: string, args: readonly string[]): Promise<{ stdout: string }> =>
    loadCore === undefined ? run(program, args) : run('taskset', ['-c', loadCore, program, ...args], { maxBuffer: 1e9 });
  const measured = async (
    proxy: StartedProxy,
    act: () => Promise<{ requests: number; perSecond: number; bad: number; p99Ms?: number }>,
  ): Promise<Measured> => {
    const before = cpuOf(proxy);
    const { requests, ...rest } = await act();
    return { perCpuSecond: requests / (cpuOf(proxy) - before), ...rest };
  };
  const script = join(stage.folder, 'hosts.lua');
  writeFileSync(
    script,
    `local n = 0
local reqs = {}
local path = os.getenv("BENCH_PATH")
function init(args)
  for i = 0, ${routes - 1} do reqs[i] = wrk.format("GET", path, { ["Host"] = "site" .. i .. ".farm.localhost", ["Accept"] = "*/*", ["User-Agent"] = "wrk" }) end
end
function request() n = (n + 1) % ${routes}; return reqs[n] end
`,
  );
  const upload = join(stage.folder, 'upload');
  writeFileSync(upload, Buffer.alloc(1_048_576, 99));

  /** 200 hosts over kept connections. */
  const wrk =
    (path: string): Load =>
    (proxy) =>
      measured(proxy, async () => {
        process.env['BENCH_PATH'] = path;
        const { stdout } = await command('wrk', [
          '-t1',
          `-c${connections}`,
          `-d${seconds}s`,
          '-s',
          script,
          `https://localhost:${proxy.port}/`,
        ]);
        const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? 0);
        const errors = [...(/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout) ?? [])]
          .slice(1)
          .map(Number);
        return {
          requests: number(/(\d+) requests in/),
          perSecond: number(/Requests\/sec:\s+([\d.]+)/),
          bad: number(/Non-2xx or 3xx responses: (\d+)/) + sum(errors),
        };
      });

  /** One host a round, as browsers do: a connection is for one. By number: with a duration, h2load 1.52 goes on for ever where bodies are large. */
  const h2load =
    (path: string, args: readonly string[], perSecond: number, log?: string): Load =>
    (proxy, round) =>
      measured(proxy, async () => {
        const logs = log === undefined ? [] : [`--log-file=${log}`];
        const address = `https://${hosts[round % routes]}${path}`;
        const { stdout } = await command('h2load', [
          '-t1',
          `-n${Math.ceil(perSecond * seconds)}`,
          `--connect-to=127.0.0.1:${proxy.port}`,
          ...args,
          ...logs,
          address,
        ]);
        const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? 0);
        const requests = number(/status codes: (\d+) 2xx/);
        const bad = number(/(\d+) 4xx/) + number(/(\d+) 5xx/) + number(/, (\d+) errored/);
        return { requests, perSecond: number(/finished in [^,]+, ([\d.]+) req/), bad, ...(log === undefined ? {} : { p99Ms: p99Of(log) }) };
      });

  const handshakes =
    (kind: 'full' | 'resumed'): Load =>
    (proxy) =>
      measured(proxy, async () => {
        const client = fileURLToPath(new URL('./handshakes.ts', import.meta.url));
        const { stdout } = await command(process.execPath, [client, String(proxy.port), kind, String(seconds * 1000)]);
        const { count, failed } = JSON.parse(stdout) as { count: number; failed: number };
        return { requests: count, perSecond: count / seconds, bad: failed };
      });

  /** Until an engine has compiled what it runs often: on a busy machine that takes longer than a round. */
  const warmUp = async (proxy: StartedProxy): Promise<void> => {
    const to = [`--connect-to=127.0.0.1:${proxy.port}`, `https://${hosts[0]}/`];
    for (const version of [['--h1'], []]) await command('h2load', ['-t1', '-c16', '-n20000', ...version, ...to]);
  };
  const http2 = [`-c${connections / 2}`, '-m8'];
  const fixed = ['-c20', '-m4', '--rps=50'];
  const log = join(stage.folder, 'times.log');
  const loads = {
    'HTTP/1.1, 150 B': wrk('/'),
    'HTTP/2, 150 B': h2load('/', http2, 4000),
    'HTTP/1.1, 64 KiB': wrk('/large'),
    'HTTP/2, 64 KiB': h2load('/large', http2, 800),
    'HTTP/1.1, upload of 1 MiB': h2load('/', ['--h1', '-c8', `-d${upload}`], 40),
    'HTTP/2, upload of 1 MiB': h2load('/', ['-c8', '-m1', '-w24', '-W24', `-d${upload}`], 40),
    'HTTP/1.1, 1,000 requests/s': h2load('/', ['--h1', ...fixed], 1000, log),
    'HTTP/2, 1,000 requests/s': h2load('/', fixed, 1000, log),
    'handshakes, full': handshakes('full'),
    'handshakes, resumed': handshakes('resumed'),
  } as const satisfies Record<string, Load>;
  return { loads, warmUp };
}

/** h2load's log: start, status, microseconds. */
function p99Of(file: string): number {
  const times = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => Number(line.split('\t')[2]) / 1000)
    .toSorted((one, other) => one - other);
  rmSync(file);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}
