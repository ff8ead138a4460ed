import { getPriority, setPriority } from 'node:os';
import type { PassedSockets } from '../name-server.ts';
import { createLines } from './lines.ts';
import type { FromCore, FromProcess } from './messages.ts';
import { createServing } from './serve-zones.ts';

// The process that answers questions about names, started by `name-server-process.ts`: it has two sockets and two pipes, and no file, key or right of the
// core's. It ends with the core, whose end of the pipe closes then.

const say = (message: FromProcess): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
const sockets: { -readonly [K in keyof PassedSockets]?: PassedSockets[K] } = {};
const passed = (): PassedSockets | undefined => ('udp' in sockets && 'tcp' in sockets ? { udp: sockets.udp, tcp: sockets.tcp } : undefined);
const hear = createServing(say, passed);

// Whatever strangers make it do, the core beside it comes first.
setPriority(Math.min(19, getPriority() + 5));
process.title = 'farm-name-server';
process.on('message', (name, handle) => {
  if (name === 'udp' || name === 'tcp') sockets[name] = handle;
  // The channel that passes sockets could carry anything: it goes before the first stranger is heard.
  if (passed() !== undefined) process.disconnect();
});
process.stdin.setEncoding('utf8');
process.stdin.on(
  'data',
  // It is the core that speaks, whom it believes.
  createLines(
    Number.POSITIVE_INFINITY,
    (line) => hear(JSON.parse(line) as FromCore),
    () => undefined,
  ),
);
process.stdin.on('close', () => process.exit(0));
