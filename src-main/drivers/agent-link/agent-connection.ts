import { createORPCClient } from '@orpc/client';
import type { WebSocket } from 'ws';
import { agentProtocol, agentSubprotocol, oldestAgentProtocol } from '#contract/agent/base.ts';
import { clockToleranceMs, linkPath } from '#contract/agent/pairing.ts';
import { FarmError } from '#contract/errors.ts';
import type { CoreIdentity, LinkTarget } from '../../ports/agent-link.ts';
import type { AgentClient } from '../../ports/agent-writes.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Cause, type Names, unreachable } from './causes.ts';
import { clockWatch } from './clock-watch.ts';
import { openSocket } from './open-socket.ts';
import { checkAgent } from './peer-check.ts';
import { type AgentCalls, rpcOverSocket } from './rpc-over-socket.ts';

export type ConnectionOptions = {
  readonly clock: Clock;
  readonly coreVersion: string;
  readonly beatMs: number;
  readonly identity: CoreIdentity;
  readonly target: LinkTarget;
  readonly names: Names;
  readonly signal: AbortSignal;
  /** One of the two clocks was set: what the difference is from now on. Not called before `connectAgent` has resolved. */
  readonly onClockOffset: (offsetMs: number) => void;
};

export type AgentConnection = {
  readonly calls: AgentCalls;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly commands: readonly string[];
  /** Agent's clock minus ours when it said hello, in milliseconds, to half a round trip. */
  readonly clockOffsetMs: number;
  /** Given when the connection has ended; its reason is a `FarmError`. */
  readonly gone: AbortSignal;
  readonly end: (cause: Cause) => void;
};

const helloMs = 10_000;
const missedBeats = 3;

/** One connection: TLS, identity, hello, beats. Throws the exact cause; what it resolves with has said hello. */
export async function connectAgent(options: ConnectionOptions): Promise<AgentConnection> {
  const { clock, identity, target, names, signal } = options;
  const { socket } = await openSocket({
    clock,
    names,
    own: { cert: identity.chainPem, key: identity.keyPem },
    check: (certificate) => checkAgent(certificate, identity, target, clock.nowMs(), names),
    path: linkPath,
    subprotocol: agentSubprotocol,
    signal,
  });
  const gone = new AbortController();
  const end = (cause: Cause): void => {
    if (!gone.signal.aborted) gone.abort(unreachable(names, cause));
    socket.terminate();
  };
  const onAbort = (): void => end('closed');
  signal.addEventListener('abort', onAbort);
  socket.on('close', () => {
    signal.removeEventListener('abort', onAbort);
    end('closed');
  });
  if (signal.aborted || socket.readyState !== socket.OPEN) end('closed');
  const calls = rpcOverSocket(socket, names, gone.signal, () => end('closed'));
  const client: AgentClient = createORPCClient(calls);
  const stopPatience = clock.after(helloMs, () => end('silent'));
  try {
    const hello = await sayHello(client, options);
    const { halfTripMs, ...told } = hello;
    const watchClock = clockWatch(hello.clockOffsetMs, halfTripMs, options.onClockOffset);
    keepBeating(client, socket, options, gone.signal, end, (beat) => watchClock(beat.nowMs - clock.nowMs()));
    return { ...told, calls, gone: gone.signal, end };
  } catch (error) {
    end('closed');
    throw error;
  } finally {
    stopPatience();
  }
}

async function sayHello(client: AgentClient, { clock, coreVersion, identity, target, names }: ConnectionOptions) {
  const askedAtMs = clock.nowMs();
  const { farmId, epoch } = identity;
  const said = { farmId, serverId: target.serverId, epoch, coreVersion, protocol: agentProtocol, nowMs: askedAtMs };
  const hello = await client.link.hello(said);
  const answeredAtMs = clock.nowMs();
  const clockOffsetMs = hello.nowMs - (askedAtMs + answeredAtMs) / 2;
  if (hello.protocol < oldestAgentProtocol) {
    throw new FarmError('AGENT_TOO_OLD', { server: names.server, protocol: hello.protocol, needed: oldestAgentProtocol });
  }
  if (hello.serverId !== target.serverId) throw unreachable(names, 'identity');
  if (Math.abs(clockOffsetMs) > clockToleranceMs) {
    throw new FarmError('CLOCK_OFF', { server: names.server, seconds: Math.round(clockOffsetMs / 1000) });
  }
  const { agentVersion, bootId, commands } = hello;
  return { agentVersion, bootId, commands, clockOffsetMs, halfTripMs: Math.max(0, answeredAtMs - askedAtMs) / 2 };
}

/** Asks for beats and ends the connection when nothing at all has come for three of them: a link that is half open makes no other sign. */
function keepBeating(
  client: AgentClient,
  socket: WebSocket,
  { clock, beatMs }: ConnectionOptions,
  gone: AbortSignal,
  end: (cause: Cause) => void,
  onBeat: (beat: { readonly nowMs: number }) => void,
): void {
  let silentBeats = 0;
  const heard = (): void => {
    silentBeats = 0;
  };
  for (const event of ['message', 'ping', 'pong'] as const) socket.on(event, heard);
  const watch = (): (() => void) =>
    clock.after(beatMs, () => {
      if (silentBeats >= missedBeats) return end('timeout');
      silentBeats += 1;
      stop = watch();
    });
  let stop = watch();
  gone.addEventListener('abort', () => stop());
  const follow = async (): Promise<void> => {
    const beats = await client.link.beats({ intervalMs: beatMs }, { signal: gone });
    for await (const beat of beats) {
      heard();
      onBeat(beat);
    }
  };
  void follow().then(
    () => end('closed'),
    () => end('closed'),
  );
}
