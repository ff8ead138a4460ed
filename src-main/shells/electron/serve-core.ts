import { keychainKeeper, type LateErrors, reportLateErrors } from '../../compose-shell.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { Language } from '#contract/ids.ts';
import { demoStarter } from '../answer-show.ts';
import { letGo } from '../let-go.ts';
import { removeLinkFile, writeLinkFile } from '../link-file.ts';
import { startLocalLink } from '../local-link.ts';
import { type OpenCore, openCore } from '../open-core.ts';
import { toFailure } from '../speech.ts';
import { type FromCore, type Opening, toCore } from './core-messages.ts';
import type { MainPort } from './electron-parts.ts';
import { createFarKeychain } from './far-keychain.ts';
import { createWindowPorts } from './window-ports.ts';

/** The way to the main process: `process.parentPort` in a process of its own. */
export interface CorePort {
  on(event: 'message', listener: (message: { readonly data: unknown; readonly ports: readonly MainPort[] }) => void): unknown;
  postMessage(message: FromCore): void;
}

type Running = { readonly open: OpenCore; readonly context: RequestContext; readonly startDemo: ReturnType<typeof demoStarter> };
type Undo = (() => Promise<void> | void)[];

/**
 * The core of one home behind a message port: opens it when it is told to, gives every window that sends a port the contract's calls, and lets
 * all go at `close`. Never throws: what goes wrong at opening is told as `failed`, and nothing stays open then. Call once for a port. `process` is the core's
 * own: its late errors are logged and shown; in the main process they are that one's.
 */
export function serveCore(port: CorePort, process?: LateErrors): void {
  const undo: Undo = [];
  const keychain = createFarKeychain((message) => port.postMessage(message));
  const windows = createWindowPorts();
  let opening: Promise<void> | undefined;
  let running: Running | undefined;

  /** The window shows the steps; a failure is among them. A home that has a farm keeps it. */
  const beginDemo = async (language: Language): Promise<void> => {
    await running?.startDemo(language).catch((error: unknown) => running?.open.log.warn('demo', { error: String(error) }));
  };
  const start = async (wanted: Opening): Promise<void> => {
    try {
      running = await startCore(port, wanted, keychainKeeper(keychain.access), undo);
      if (process !== undefined) undo.push(reportLateErrors(process, running.open.log, running.open.core.noteFault));
      windows.serve(running.open.core.router, running.context);
      port.postMessage({ kind: 'opened' });
      if (wanted.isDemo) await beginDemo(wanted.language);
    } catch (error) {
      // What fails now is not why it could not be opened, which the person waits to hear.
      await letGo(undo).catch(() => undefined);
      const reference = toFailure(error) === undefined ? crypto.randomUUID().slice(0, 8) : undefined;
      const failure = toFailure(error) ?? { code: 'INTERNAL', parameters: {}, ...(reference === undefined ? {} : { reference }) };
      const detail = error instanceof Error ? error.stack : String(error);
      port.postMessage({ kind: 'failed', failure, ...(reference === undefined || detail === undefined ? {} : { detail }) });
    }
  };
  const close = async (): Promise<void> => {
    await opening;
    windows.close();
    await letGo(undo);
    port.postMessage({ kind: 'closed' });
  };

  port.on('message', ({ data, ports }) => {
    const message = toCore.safeParse(data).data;
    switch (message?.kind) {
      case 'open':
        opening ??= start(message.opening);
        break;
      case 'window':
        if (ports[0] !== undefined) windows.take(message.windowId, ports[0]);
        break;
      case 'demo':
        void opening?.then(() => beginDemo(message.language));
        break;
      case 'keychain':
        keychain.answered(message.request, message.answer);
        break;
      case 'close':
        close().catch(() => port.postMessage({ kind: 'closed' }));
        break;
    }
  });
  port.postMessage({ kind: 'alive' });
}

async function startCore(port: CorePort, wanted: Opening, keeper: ReturnType<typeof keychainKeeper>, undo: Undo): Promise<Running> {
  const { home, version, operatorName, places } = wanted;
  const onTaken = (): void => port.postMessage({ kind: 'taken' });
  const open = await openCore({ home, version, source: 'electron', keepers: [keeper], environment: process.env, places, onTaken });
  undo.push(open.close);
  const { router } = open.core;
  const show = (language?: Language): void => port.postMessage({ kind: 'show', ...(language === undefined ? {} : { language }) });
  const startDemo = demoStarter(open);
  const local = await startLocalLink({ router, operatorName, show, startDemo });
  undo.push(local.close);
  await writeLinkFile(home, { origin: local.origin, token: local.token, version, shell: 'electron' });
  undo.push(() => removeLinkFile(home));
  return { open, context: { actor: { kind: 'operator', name: operatorName }, permission: 'own' }, startDemo };
}
