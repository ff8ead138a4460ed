import type { Socket } from 'node:net';
import { networkOf } from './response-rate.ts';

/** RFC 7766 §6.2: a server bounds its connections, those of one client, and their time. */
export const tcpLimits = {
  mostConnections: 100,
  mostPerNetwork: 8,
  /** Without a question that is whole, or without reading an answer. */
  idleMs: 10_000,
  questionsATurn: 4,
  /** Answers that nobody has read, and questions that wait for them. */
  mostUnreadOctets: 65_536,
  mostWaitingOctets: 65_536 + 2,
} as const;

/** Answers one message; undefined ends the connection. */
type AnswerMessage = (message: Buffer) => Buffer | undefined;
type Connection = { readonly socket: Socket; readonly network: string; heardAtMs: number };

export type TcpConnections = { readonly take: (socket: Socket) => void; readonly all: () => readonly Socket[] };

/**
 * The connections of a name server. None holds the others up: a few questions of each are answered a turn, and none while its answers are not read. Where
 * there is no room for one more, the one goes that was silent for longest: of the same network if that has its share, else of all.
 */
export function createTcpConnections(answer: AnswerMessage, nowMs: () => number): TcpConnections {
  const connections = new Set<Connection>();
  const makeRoom = (network: string): void => {
    const near = [...connections].filter((each) => each.network === network);
    const crowd = near.length >= tcpLimits.mostPerNetwork ? near : connections.size >= tcpLimits.mostConnections ? [...connections] : [];
    const leaving = crowd.reduce<Connection | undefined>(
      (oldest, each) => (oldest === undefined || each.heardAtMs < oldest.heardAtMs ? each : oldest),
      undefined,
    );
    if (leaving === undefined) return;
    connections.delete(leaving);
    leaving.socket.destroy();
  };
  return {
    take: (socket) => {
      const connection: Connection = { socket, network: networkOf(socket.remoteAddress ?? ''), heardAtMs: nowMs() };
      makeRoom(connection.network);
      connections.add(connection);
      socket.once('close', () => connections.delete(connection));
      serve(socket, (message) => {
        connection.heardAtMs = nowMs();
        return answer(message);
      });
    },
    all: () => [...connections].map(({ socket }) => socket),
  };
}

/** RFC 1035 §4.2.2: two octets of length before every message; several questions may come on one connection. */
function serve(socket: Socket, answer: AnswerMessage): void {
  let waiting: Buffer = Buffer.alloc(0);
  let isDue = false;
  const hasQuestion = (): boolean => waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0);
  const isRead = (): boolean => socket.writableLength < tcpLimits.mostUnreadOctets;

  const answerOne = (): void => {
    const end = 2 + waiting.readUInt16BE(0);
    const answered = answer(waiting.subarray(2, end));
    waiting = waiting.subarray(end);
    if (answered === undefined) {
      socket.destroy();
      return;
    }
    const length = Buffer.alloc(2);
    length.writeUInt16BE(answered.length);
    socket.write(Buffer.concat([length, answered]));
  };
  const turn = (): void => {
    isDue = false;
    for (let left = tcpLimits.questionsATurn; left > 0 && !socket.destroyed && hasQuestion() && isRead(); left -= 1) answerOne();
    if (socket.destroyed) return;
    if (waiting.length >= tcpLimits.mostWaitingOctets || !isRead()) socket.pause();
    else socket.resume();
    if (hasQuestion() && isRead()) goOn();
  };
  const goOn = (): void => {
    if (isDue) return;
    isDue = true;
    setImmediate(turn);
  };

  // A write that nobody reads is no activity either.
  socket.setTimeout(tcpLimits.idleMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('drain', goOn);
  socket.on('data', (data) => {
    waiting = Buffer.concat([waiting, data]);
    if (waiting.length >= tcpLimits.mostWaitingOctets) socket.pause();
    goOn();
  });
}
