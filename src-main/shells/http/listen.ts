import type { FastifyInstance } from 'fastify';
import { errorCode } from '#kit/node/whole-file.ts';
import { FarmError } from '#contract/errors.ts';

const usualPort = 7400;
const tries = 100;

/**
 * Listens on literal loopback: on the port that was asked for (0: any free one), else on the first free one from 7400. Answers with the port.
 * Throws `PORT_TAKEN`; `owner` is how its sentence names whoever has it.
 */
export async function listen(app: FastifyInstance, wanted: number | undefined, owner: string): Promise<number> {
  const first = wanted ?? usualPort;
  const last = wanted === undefined ? usualPort + tries : first;
  for (let port = first; port <= last; port += 1) {
    try {
      await app.listen({ host: '127.0.0.1', port });
      const address = app.server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    } catch (error) {
      if (!['EADDRINUSE', 'EACCES'].includes(errorCode(error))) throw error;
    }
  }
  throw new FarmError('PORT_TAKEN', { port: first, owner });
}
