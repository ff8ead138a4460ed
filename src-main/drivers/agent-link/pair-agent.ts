import { joinAsCore, proveCode } from '#contract/agent/pairing-conversation.ts';
import { keyBytes, pairingPath, pairingSubprotocol, parseCode } from '#contract/agent/pairing.ts';
import { pairingChannel, type TextSocket } from '#contract/agent/pairing-channel.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { WebSocket } from 'ws';
import type { AgentLinks, Joined } from '../../ports/agent-writes.ts';
import type { Clock } from '../../ports/clock.ts';
import { splitAddress } from './address.ts';
import { withNames } from './causes.ts';
import { openSocket } from './open-socket.ts';
import { checkRequestKey, keyHashOf } from './peer-check.ts';

const silenceMs = 15_000;

/** Pairs as the redeemer of a code that an agent shows. What it promises and throws: `AgentLinks.pair`. */
export async function pairAgent(clock: Clock, request: Parameters<AgentLinks['pair']>[0]): Promise<Joined> {
  const { address, identity } = request;
  // It has no name yet; where it is called, its host does.
  const names = { server: splitAddress(address)?.host ?? address, address };
  const code = parseCode(request.code);
  if (!code) throw new FarmError('CODE_INVALID', { reason: 'form' });
  const { socket, certificate } = await openSocket({
    clock,
    names,
    // The one line that a man in the middle cannot pass: before it nothing was sent that has to do with the code.
    check: (shown) => {
      if (!keyHashOf(shown).subarray(0, keyBytes).equals(code.keyPrefix)) throw new FarmError('CODE_INVALID', { reason: 'keyMismatch' });
    },
    path: pairingPath,
    subprotocol: pairingSubprotocol,
  });
  const fingerprint = keyHashOf(certificate).toString('hex');
  try {
    const channel = pairingChannel(textSocket(socket), clock.after, silenceMs);
    await proveCode(channel, 'core', Buffer.from(code.secret).toString('hex'));
    const { agentVersion } = await joinAsCore(channel, {
      offer: {
        farmId: identity.farmId,
        farmName: request.farmName.slice(0, 200),
        serverId: request.serverId,
        epoch: identity.epoch,
        authorityPem: identity.authorityPem,
      },
      serverName: names.server,
      nowMs: clock.nowMs,
      checkRequest: (requestPem) => checkRequestKey(requestPem, certificate),
      sign: (requestPem) => request.sign(requestPem, fingerprint),
    });
    return { keyFingerprint: fingerprint, agentVersion };
  } catch (error) {
    throw isFarmError(error) ? withNames(error, names) : error;
  } finally {
    socket.close(1000);
    socket.once(
      'close',
      clock.after(1_000, () => socket.terminate()),
    );
  }
}

function textSocket(socket: WebSocket): TextSocket {
  return {
    send: (text, done) => socket.send(text, done),
    onText: (listener) => socket.on('message', (data, isBinary) => listener(isBinary ? '' : data.toString())),
    onEnd: (listener) => socket.on('close', listener),
    end: () => socket.terminate(),
  };
}
