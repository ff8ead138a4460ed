import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentLog } from '../../ports.ts';
import { chooseOs } from '../../os/choose-os.ts';
import { createSystemClock } from '../../os/system-clock.ts';
import { createEdgeControl, type EdgeControlOptions } from '../edge-control.ts';

export const edgeSource = fileURLToPath(new URL('../main.ts', import.meta.url));

export type TestControl = {
  readonly control: ReturnType<typeof createEdgeControl>;
  readonly folder: string;
  readonly events: string[];
  readonly options: EdgeControlOptions;
  /** Another agent on the same home. */
  readonly again: (changes?: Partial<EdgeControlOptions>) => ReturnType<typeof createEdgeControl>;
  readonly remove: () => Promise<void>;
};

/** A control over a real edge process in a home of its own, on free ports. */
export function createTestControl(changes: Partial<EdgeControlOptions> = {}): TestControl {
  const home = mkdtempSync(join(tmpdir(), 'farm-edge-'));
  const folder = join(home, 'edge');
  const events: string[] = [];
  const note = (event: string): void => {
    events.push(event);
  };
  const log: AgentLog = { info: note, warn: note, bug: (error) => String(error) };
  const options: EdgeControlOptions = {
    os: chooseOs(),
    clock: createSystemClock(),
    log,
    folder,
    runtime: process.execPath,
    bundlePath: edgeSource,
    https: { host: '127.0.0.1', port: 0 },
    http: { host: '127.0.0.1', port: 0 },
    agentKey: `test-${process.pid}-${Math.random().toString(36).slice(2)}`,
    version: '1.0.0-test',
    patience: { everyMs: 200, limitMs: 1500, againMs: 100, replaceMs: 4000 },
    ...changes,
  };
  const control = createEdgeControl(options);
  const all = [control];
  return {
    control,
    folder,
    events,
    options,
    again: (more = {}) => {
      const other = createEdgeControl({ ...options, ...more });
      all.push(other);
      return other;
    },
    remove: async () => {
      for (const one of all) one.close();
      await control.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
