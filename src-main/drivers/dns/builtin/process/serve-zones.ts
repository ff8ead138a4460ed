import type { PassedSockets } from '../name-server.ts';
import { startNameServer } from '../name-server.ts';
import { type ZoneChange, zoneAfter, zoneOf } from '../zone-changes.ts';
import { indexZone, type OpenIndex, reindexZone } from '../zone-index.ts';
import type { FromCore, FromProcess } from './messages.ts';

/** Carries out what the core says, in its order, and answers with what is to be said to it. `passed`: the sockets that came, once they have. */
export function createServing(say: (message: FromProcess) => void, passed: () => PassedSockets | undefined): (message: FromCore) => void {
  const zones = new Map<string, OpenIndex>();
  let address = '';
  const begin = async (asked: Extract<FromCore, { say: 'begin' }>): Promise<void> => {
    address = asked.address;
    for (const zone of asked.zones) zones.set(zone.name, indexZone(zone, address));
    const { port } = await startNameServer({
      address,
      port: asked.port,
      passed: asked.isPassed ? passed() : undefined,
      zones: () => zones,
    });
    say({ say: 'serving', port, version: asked.version });
  };
  const change = (step: ZoneChange): void => {
    const name = zoneOf(step);
    const index = zones.get(name);
    const after = zoneAfter(index?.zone, step);
    if (after === undefined) zones.delete(name);
    else zones.set(name, index === undefined || step.kind !== 'set' ? indexZone(after, address) : reindexZone(index, after, address, step));
  };
  return (message) => {
    switch (message.say) {
      case 'begin':
        begin(message).catch((error: unknown) => {
          say({ say: 'failed', code: error instanceof Error && 'code' in error ? String(error.code).slice(0, 40) : 'unknown' });
        });
        return;
      case 'change':
        change(message.change);
        say({ say: 'taken', version: message.version });
        return;
      case 'ping':
        say({ say: 'pong', id: message.id });
        return;
    }
  };
}
