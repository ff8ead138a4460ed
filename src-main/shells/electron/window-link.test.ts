import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectCore } from '../../../src-renderer/lib/core-client.ts';
import type { CoreLink } from '../../../src-renderer/lib/core-link.ts';
import { portWay } from '../../../src-renderer/lib/core-ways.ts';
import { askForPort } from '../../../src-renderer/lib/desktop-host.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { portChannel } from './channels.ts';
import { bridgeTo } from './preload-bridge.ts';
import { createElectronStandIn, type ElectronStandIn, StandInWindow } from './testing/electron-stand-in.ts';
import type { StandInPage } from './testing/stand-in-ports.ts';
import type { MainPort } from './electron-parts.ts';
import { serveWindowLink } from './window-link.ts';
import { createWindowPorts } from './window-ports.ts';

let core: TestCore;
let electron: ElectronStandIn;
let windows: Map<number, StandInWindow>;
let stopLink: () => void;
const ways: { dispose: () => void }[] = [];
beforeEach(async () => {
  core = await createTestCore({ servers: 1 });
  electron = createElectronStandIn();
  windows = new Map([[1, new StandInWindow(1, {})]]);
  const ports = createWindowPorts();
  ports.serve(core.core.router, { actor: { kind: 'operator', name: 'Anna' }, permission: 'own' });
  const stop = serveWindowLink(electron.parts, (windowId: number, port: MainPort) => ports.take(windowId, port), windows);
  stopLink = () => {
    stop();
    ports.close();
  };
});
afterEach(async () => {
  for (const way of ways.splice(0)) way.dispose();
  stopLink();
  await core.close();
});

/** The window's own code over the preload's own code: everything but the browser between them. */
function openWindow(page: StandInPage = electron.pageOf(1)) {
  const bridge = bridgeTo(page.renderer, page.page, []);
  // Of `Window` only the events and `postMessage` are used.
  const ask = (): Promise<MessagePort> => askForPort(bridge, page.page as unknown as Window);
  const connection = connectCore(portWay(ask));
  ways.push(connection.link);
  return connection;
}

/** Resolves when the link has noticed that its way is gone. */
function lossOf(link: CoreLink): Promise<void> {
  return new Promise((resolve) => {
    link.subscribe(() => {
      if (link.state().kind === 'lost') resolve();
    });
  });
}

describe('the link of the window', () => {
  it('carries calls, coded errors and the name of the person', async () => {
    const { client } = openWindow();
    expect((await client.servers.list()).servers.map(({ name }) => name)).toEqual(['Oak']);
    const failing = client.servers.add({ address: 'oak.test:7443', code: 'nonsense', name: 'Oak', requestKey: 'key-of-the-window' });
    await expect(failing).rejects.toMatchObject({ defined: true, code: expect.stringMatching(/^[A-Z_]+$/) });
  });

  it('carries streams, and lets them end when the window stops listening', async () => {
    const { client } = openWindow();
    const seen: string[] = [];
    for await (const event of await client.monitoring.watch()) {
      seen.push(event.kind);
      break;
    }
    expect(seen).toEqual(['snapshot']);
  });

  it('has one port for a page: after a reload the old one is closed, with its streams', async () => {
    const before = openWindow();
    const stream = await before.client.monitoring.watch();
    expect((await stream.next()).value).toMatchObject({ kind: 'snapshot' });
    const pending = stream.next();
    const isLost = lossOf(before.link);
    const after = openWindow(electron.pageOf(1));
    expect((await after.client.servers.list()).servers).toHaveLength(1);
    await isLost;
    await expect(pending).rejects.toThrow();
    before.link.dispose();
    expect((await after.client.servers.list()).servers).toHaveLength(1);
  });

  it('opens again by itself when its port was closed', async () => {
    const { client, link } = openWindow();
    await client.servers.list();
    const isLost = lossOf(link);
    (await link.way()).close();
    await isLost;
    expect((await client.servers.list()).servers).toHaveLength(1);
  });

  it('ends with the shell', async () => {
    const { client, link } = openWindow();
    await client.servers.list();
    const isLost = lossOf(link);
    stopLink();
    await isLost;
    expect(electron.ipc.channels()).toEqual([]);
  });
});

describe('no port is given', () => {
  const asked = async (page: StandInPage, request: unknown): Promise<number> => {
    let ports = 0;
    page.renderer.on(portChannel, () => {
      ports += 1;
    });
    electron.ipc.send(page.sent, portChannel, request);
    await delay(5);
    return ports;
  };

  it('but to the top frame of our window, which is the control', async () => expect(await asked(electron.pageOf(1), 'request-1')).toBe(1));
  it('to a window that nobody made', async () => expect(await asked(electron.pageOf(2), 'request-1')).toBe(0));
  it.each(['https://evil.example', 'file://', 'null', 'farmstead://other'])('to a page of %s', async (origin) =>
    expect(await asked(electron.pageOf(1, origin), 'request-1')).toBe(0),
  );
  it('to a frame within', async () => {
    const page = electron.pageOf(1);
    expect(await asked({ ...page, sent: { ...page.sent, senderFrame: { ...page.frame, parent: page.frame } } }, 'request-1')).toBe(0);
  });
  it('to a frame that has gone', async () => {
    const page = electron.pageOf(1);
    expect(await asked({ ...page, sent: { ...page.sent, senderFrame: null } }, 'request-1')).toBe(0);
  });
  it.each([undefined, 7, '', 'x'.repeat(65), { toString: 'x' }, null])('for the request %j', async (request) =>
    expect(await asked(electron.pageOf(1), request)).toBe(0),
  );
  it('to a window that was closed', async () => {
    windows.delete(1);
    expect(await asked(electron.pageOf(1), 'request-1')).toBe(0);
  });
});
