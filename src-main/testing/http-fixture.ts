import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { windowKey } from '#contract/window-key.ts';
import { demoStarter } from '../shells/answer-show.ts';
import { createGuard } from '../shells/http/guard.ts';
import { listen } from '../shells/http/listen.ts';
import { createHttpServer } from '../shells/http/server.ts';
import { createSessions } from '../shells/http/session.ts';
import { writeLinkFile } from '../shells/link-file.ts';
import type { TestCore } from './create-test-core.ts';
import { createManualClock } from './manual-clock.ts';

export type HttpFixture = Awaited<ReturnType<typeof serveTestCore>>;

/** The web console over a test's core, on a free port; the clock of its links stands still until the test moves it. */
export async function serveTestCore(test: Pick<TestCore, 'core' | 'log' | 'home'>) {
  const folder = await mkdtemp(join(tmpdir(), 'farm-window-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><p>window</p>');
  await writeFile(join(folder, 'assets', 'main-1234.js'), 'export {};');
  const clock = createManualClock();
  const linkToken = 'link-token-of-the-test-core-0123456789abcdef';
  let origin = '';
  const sessions = createSessions({ nowMs: clock.nowMs, linkToken, origin: () => origin });
  const guard = createGuard({ origin: () => origin, sessions, operatorName: 'tester' });
  const app = await createHttpServer({
    core: test.core,
    guard,
    sessions,
    log: test.log,
    origin: () => origin,
    windowFolder: folder,
    version: '0.1.0',
    startDemo: demoStarter(test),
    linkUsedSentence: 'This link was used.',
    noWindowSentence: 'No window.',
    noStorageSentence: 'Nothing is kept.',
  });
  const port = await listen(app, 0, 'another');
  origin = `http://127.0.0.1:${port}`;
  await writeLinkFile(test.home, { origin, token: linkToken, version: '0.1.0', shell: 'http' });
  const browser = () => {
    const session = sessions.exchange(sessions.newLink());
    return { Cookie: `farm_session_${port}=${session?.cookie ?? ''}`, [windowKey.header]: session?.key ?? '' };
  };
  return {
    origin,
    port,
    host: `127.0.0.1:${port}`,
    linkToken,
    sessions,
    clock,
    /** What a browser that opened the link sends to every port of the host: its cookie. */
    cookie: (): string => browser().Cookie,
    /** What our own page in that browser sends to us: the cookie and the key. */
    browser,
    /** The socket of our own page, when it takes calls. */
    openSocket: async (): Promise<WebSocket> => {
      const { Cookie, [windowKey.header]: key } = browser();
      const socket = new WebSocket(`ws://127.0.0.1:${port}/link`, windowKey.protocol, { headers: { Cookie, Origin: origin } });
      await once(socket, 'open');
      socket.send(key);
      await once(socket, 'message');
      return socket;
    },
    close: async (): Promise<void> => {
      await app.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
