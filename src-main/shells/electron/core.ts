import { type CorePort, serveCore } from './serve-core.ts';

// The entry of the core's own process (https://www.electronjs.org/docs/latest/api/utility-process). Loads nothing of Electron.
export { serveCore };

const parentPort: unknown = Reflect.get(process, 'parentPort');
if (typeof parentPort === 'object' && parentPort !== null) serveCore(parentPort as CorePort, process);
