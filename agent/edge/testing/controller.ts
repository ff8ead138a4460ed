import { createSystemClock } from '../../os/system-clock.ts';
import { chooseOs } from '../../os/choose-os.ts';
import { createEdgeControl } from '../edge-control.ts';

/** An agent in miniature, to be killed: holds the edge of the folder in its arguments and writes routes without end. */
const [folder = '', bundlePath = '', agentKey = '', host = '', port = ''] = process.argv.slice(2);
const quiet = (): void => undefined;
const control = createEdgeControl({
  os: chooseOs(),
  clock: createSystemClock(),
  log: { info: quiet, warn: quiet, bug: String },
  folder,
  runtime: process.execPath,
  bundlePath,
  https: { host: '127.0.0.1', port: 0 },
  http: { host: '127.0.0.1', port: 0 },
  agentKey,
  version: '1.0.0-test',
});
await control.ensure();
process.stdout.write('ready\n');
for (;;) {
  await control.putRoute({
    host,
    instanceId: 'written-without-end',
    target: { host: '127.0.0.1', port: Number(port) },
    state: 'running',
    language: 'en',
    providerName: '',
  });
}
