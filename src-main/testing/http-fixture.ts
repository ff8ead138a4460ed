import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  const sessions = createSessions({ nowMs: clock.nowMs, linkToken });
  let origin = '';
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
  });
  const port = await listen(app, 0, 'another');
  origin = `http://127.0.0.1:${port}`;
  await writeLinkFile(test.home, { origin, token: linkToken, version: '0.1.0', shell: 'http' });
  return {
    origin,
    port,
    host: `127.0.0.1:${port}`,
    linkToken,
    sessions,
    clock,
    /** A cookie as a browser that opened the link has it. */
    cookie: (): string => `farm_session_${port}=${sessions.exchange(sessions.newLink()) ?? ''}`,
    close: async (): Promise<void> => {
      await app.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
