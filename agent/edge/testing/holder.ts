import { createSystemClock } from '../../os/system-clock.ts';
import { chooseOs } from '../../os/choose-os.ts';
import { createEdgeControl } from '../edge-control.ts';

/** An agent in miniature, to be killed or stopped: holds an instance of the edge of the folder in its arguments, again and again. */
const [folder = '', bundlePath = '', agentKey = '', instanceId = ''] = process.argv.slice(2);
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
for (let isFirst = true; ; isFirst = false) {
  const held = await control.hold(instanceId, 3000);
  if (isFirst) process.stdout.write(`${JSON.stringify(held ?? null)}\n`);
  await new Promise((resolve) => setTimeout(resolve, 200));
}
