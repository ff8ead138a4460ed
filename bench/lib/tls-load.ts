import { once } from 'node:events';
import { Agent, get } from 'node:https';

/** Keep-alive HTTPS visitors of a few hosts, each with its next visit as soon as the last one was answered. Resolves with the visits made. */
export async function visitFor(options: {
  readonly port: number;
  readonly hosts: readonly string[];
  readonly authorityPem: string;
  readonly visitors: number;
  readonly forMs: number;
}): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.visitors, ca: options.authorityPem });
  const untilMs = performance.now() + options.forMs;
  let visits = 0;
  const visitor = async (at: number): Promise<void> => {
    const host = options.hosts[at % options.hosts.length] ?? '';
    while (performance.now() < untilMs) {
      const outgoing = get({ host: '127.0.0.1', port: options.port, servername: host, headers: { host }, path: '/', agent });
      const [incoming] = await once(outgoing, 'response');
      if (incoming.statusCode !== 200) throw new Error(`${host} answered ${incoming.statusCode}`);
      incoming.resume();
      await once(incoming, 'end');
      visits += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: options.visitors }, (_, at) => visitor(at)));
  } finally {
    agent.destroy();
  }
  return visits;
}
