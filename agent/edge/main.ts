import { parseArgs } from 'node:util';
import { chooseOs } from '../os/choose-os.ts';
import type { HostOs } from '../os/host-os.ts';
import { watchForBugs } from '../os/watch-for-bugs.ts';
import { edgePaths, writeWhole } from './edge-files.ts';
import { bugsTo, createEdgeLog } from './edge-log.ts';
import type { EdgeArguments } from './edge-process.ts';

/**
 * The edge: a process of its own. It is started by the agent (or by the edge before it), reads its own files, and needs nobody afterwards.
 * `node edge.cjs --folder <home>/edge --https <host>:<port> --http <host>:<port> --version <v> --sha256 <hash> --pipe-slot 0|1 [--hand-over]`
 * `--last-https`, `--last-http`: the ports of its last life, taken again where port 0 leaves the choice.
 * `--worker`: one of the processes that serve for it.
 */
function parseAddress(text: string | undefined, last: string | undefined): EdgeArguments['https'] {
  const colon = text?.lastIndexOf(':') ?? -1;
  const port = Number(text?.slice(colon + 1));
  if (text === undefined || colon < 1 || !Number.isInteger(port)) throw new Error(`not host:port: ${text}`);
  const lastPort = Number(last);
  return { host: text.slice(0, colon), port, ...(Number.isInteger(lastPort) && lastPort > 0 ? { lastPort } : {}) };
}

function readArguments(): EdgeArguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      ...{ folder: text, https: text, http: text, 'last-https': text, 'last-http': text },
      ...{ version: text, sha256: text, 'pipe-slot': text, 'hand-over': { type: 'boolean' } },
    },
  });
  return {
    folder: values.folder ?? '',
    https: parseAddress(values.https, values['last-https']),
    http: parseAddress(values.http, values['last-http']),
    version: values.version ?? '',
    bundlePath: process.argv[1] ?? '',
    bundleSha256: values.sha256 ?? '',
    pipeSlot: values['pipe-slot'] === '1' ? 1 : 0,
    isHandedOver: values['hand-over'] === true,
  };
}

function runMain(startEdge: (args: EdgeArguments, os: HostOs) => Promise<void>): void {
  const args = readArguments();
  process.title = 'farm-edge';
  watchForBugs(bugsTo(createEdgeLog(edgePaths(args.folder).log, Date.now)));
  startEdge(args, chooseOs()).catch((error: unknown) => {
    if (args.isHandedOver) process.send?.({ say: 'failed', problem: String(error) });
    else writeWhole(edgePaths(args.folder).failed, JSON.stringify({ code: String(error) }));
    process.stderr.write(`${JSON.stringify({ event: 'failed', message: String(error) })}\n`);
    process.exit(1);
  });
}

// Each of the two knows only its own half, and starts the sooner.
if (process.argv.includes('--worker'))
  void import('./worker-main.ts').then(({ runWorker }) => runWorker((log) => watchForBugs(bugsTo(log))));
else void import('./edge-process.ts').then(({ startEdge }) => runMain(startEdge));
