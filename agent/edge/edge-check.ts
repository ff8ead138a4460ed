import { createHash } from 'node:crypto';
import { request } from 'node:https';

/** A host that nobody can have (RFC 6761 §6.4): asked for on the HTTPS port, the edge says that it is itself. */
export const edgeCheckHost = 'edge-check.farmstead.invalid';
/** The header of that answer. */
export const edgeProofHeader = 'farm-edge';

/** What only the edge with this token can say; it does not give the token away. */
export function edgeProof(token: string): string {
  return createHash('sha256').update(`edge ${token}`).digest('hex').slice(0, 32);
}

/** With it, where the process that serves has not heard from its main process for so long: nobody can be told anything through that one. */
const mainSilent = 'main-silent';
export const frontSilentMs = 12_000;
export const proofWith = (proof: string, unheardMs: number): string => (unheardMs < frontSilentMs ? proof : `${proof} ${mainSilent}`);

/** `main-silent`: our edge did, and says that its main process is silent towards itself too. `answers`: our edge did. `stranger`: something else did. `timeout`: the connection stands or hangs, and nothing comes. Else the system's code. */
export type TlsLook = 'answers' | 'main-silent' | 'stranger' | 'timeout' | (string & {});

export type TlsQuestion = {
  /** Where the edge listens; `0.0.0.0` and `::` are asked at loopback. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  /** Without one the edge can only refuse the handshake, which is an answer too. */
  readonly hasCertificate: boolean;
  readonly limitMs: number;
};

const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * One TLS request to our own listener, over a connection of its own, as a visitor's would be. Never throws; may be called as often as one likes.
 * The certificate proves nothing here (it is for the farm's names); the proof in the answer does.
 */
export function lookOverTls({ address, port, token, hasCertificate, limitMs }: TlsQuestion): Promise<TlsLook> {
  return new Promise((resolve) => {
    const asked = request({
      host: everywhere[address] ?? address,
      port,
      method: 'HEAD',
      path: '/',
      agent: false,
      servername: edgeCheckHost,
      rejectUnauthorized: false,
      headers: { host: edgeCheckHost },
    });
    const timer = setTimeout(() => {
      resolve('timeout');
      asked.destroy();
    }, limitMs);
    timer.unref();
    const end = (look: TlsLook): void => {
      clearTimeout(timer);
      resolve(look);
      asked.destroy();
    };
    asked.on('response', ({ headers }) => {
      const said = headers[edgeProofHeader];
      const proof = edgeProof(token);
      end(said === proof ? 'answers' : said === `${proof} ${mainSilent}` ? 'main-silent' : 'stranger');
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.name;
      // An alert is TLS speaking: without a certificate that is all that the edge can say (RFC 8446 §6).
      if (!hasCertificate && /SSL alert number \d/.test(error.message)) return end('answers');
      return end(code.startsWith('ERR_SSL') || code === 'EPROTO' ? 'stranger' : code);
    });
    asked.end();
  });
}
