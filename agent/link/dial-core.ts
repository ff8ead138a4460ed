import { backOffMs } from '#kit/back-off.ts';
import { connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { agentSubprotocol } from '#contract/agent/base.ts';
import { linkPath } from '#contract/agent/pairing.ts';
import { corePeerOf } from './peer-certificate.ts';
import type { AgentIdentity, CommandContext, CoreDial, LinkClock, LinkLog } from './types.ts';

export type DialCoreOptions = {
  readonly host: string;
  readonly port: number;
  readonly clock: LinkClock;
  readonly log: LinkLog;
  readonly identity: () => AgentIdentity | undefined;
  readonly keyPem: string;
  readonly serve: (socket: WebSocket, core: CommandContext['core']) => void;
  /** For tests: between 0 and 1. */
  readonly random?: () => number;
};

const patienceMs = 10_000;
const redial = { firstMs: 200, longestMs: 15_000, chance: 0.5 };
const commandBytes = 16_777_216;

/**
 * The link with the agent as the dialler, for agents that cannot be dialled: the same mutual TLS, the same check of the core's certificate, the
 * same commands; only who opens the connection differs. Keeps coming back until it is closed.
 */
export function dialCore(options: DialCoreOptions): CoreDial {
  const { clock, log, random = Math.random } = options;
  let attempt = 0;
  let problem: string | undefined;
  let isClosed = false;
  let endCurrent = (): void => {};
  let stopWaiting = (): void => {};

  const again = (why: string): void => {
    problem = why;
    if (isClosed) return;
    log.info('core-dial-waits', { why });
    const delayMs = backOffMs(redial, attempt, random());
    attempt += 1;
    stopWaiting = clock.after(delayMs, dial);
  };

  const dial = (): void => {
    const identity = options.identity();
    if (!identity) {
      again('no-farm');
      return;
    }
    const { host, port, keyPem } = options;
    // rejectUnauthorized is ours: the library cannot tell a wrong clock from a wrong identity, and knows no URI names.
    const tls = connect({ host, port, key: keyPem, cert: identity.chainPem, minVersion: 'TLSv1.3', rejectUnauthorized: false });
    let settled = false;
    const fail = (why: string): void => {
      if (settled) return;
      settled = true;
      stopPatience();
      tls.destroy();
      again(why);
    };
    const stopPatience = clock.after(patienceMs, () => fail('timeout'));
    endCurrent = () => tls.destroy();
    tls.on('error', (error) => fail(error.message));
    tls.on('close', () => fail('closed'));
    tls.once('secureConnect', () => {
      const peer = corePeerOf(tls, identity, clock.nowMs());
      if (peer.kind !== 'core') return fail(peer.kind);
      if (peer.epoch < identity.highestEpoch) return fail('epoch');
      const web = upgrade(tls, host);
      web.once('open', () => {
        stopPatience();
        attempt = 0;
        problem = undefined;
        options.serve(web, { farmId: identity.farmId, epoch: peer.epoch });
      });
      web.on('error', (error) => fail(error.message));
      web.on('close', () => fail('closed'));
    });
  };
  dial();

  return {
    problem: () => problem,
    close: () => {
      isClosed = true;
      stopWaiting();
      endCurrent();
    },
  };
}

/** The WebSocket over a connection that was checked before: nothing is sent to who was not. */
function upgrade(tls: TLSSocket, host: string): WebSocket {
  const name = host.includes(':') ? `[${host}]` : host;
  return new WebSocket(`ws://${name}${linkPath}`, [agentSubprotocol], {
    createConnection: () => tls,
    perMessageDeflate: false,
    maxPayload: commandBytes,
    handshakeTimeout: patienceMs,
  });
}
