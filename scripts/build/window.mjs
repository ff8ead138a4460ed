import { join } from 'node:path';
import { build, createLogger } from 'vite';
import { root } from '../lib/root.mjs';

/** `first-paint.js` must run before anything is drawn, so it is no module and stays as it is; Vite warns of that each time. */
const isMeant = (/** @type {string} */ message) => message.includes('first-paint.js') && message.includes("can't be bundled");

export async function buildWindow() {
  const customLogger = createLogger('warn');
  const { warn } = customLogger;
  customLogger.warn = (message, options) => {
    if (!isMeant(message)) warn(message, options);
  };
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn', customLogger, mode: 'production' });
}
