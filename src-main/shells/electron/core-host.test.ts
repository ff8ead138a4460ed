import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Failure } from '#contract/errors.ts';
import type { Log } from '../../ports/request.ts';
import { type CoreHost, type CoreHostOptions, startCoreHost } from './core-host.ts';
import { type ToCore, toCore } from './core-messages.ts';
import type { MainPort } from './electron-parts.ts';
import type { CorePort } from './serve-core.ts';
import { createElectronStandIn, type ElectronStandIn } from './testing/electron-stand-in.ts';
import type { StandInCoreProcess } from './testing/stand-in-core-process.ts';

/** A core that does only what a test tells it to; each start makes one. */
type FakeCore = { readonly port: CorePort; readonly process: StandInCoreProcess; readonly heard: ToCore[]; readonly ports: MainPort[] };
let electron: ElectronStandIn;
let cores: FakeCore[];
let failures: Failure[];
let host: CoreHost;
const warned: string[] = [];
const log: Log = { info: () => undefined, warn: (event) => void warned.push(event), bug: () => 'F-BUG' };
let act: (core: FakeCore, message: ToCore) => void;

const options = (change: Partial<CoreHostOptions> = {}): CoreHostOptions => ({
  opening: {
    home: '/home/of/farm',
    version: '0.1.0',
    operatorName: 'Anna',
    isDemo: true,
    language: 'en',
    places: {
      windowFolder: '',
      preloadPath: '',
      corePath: '/app/core.mjs',
      iconPath: '',
      packagesFolder: '',
      payloadCacheFolder: '',
      agentBundlePath: '',
      nameServerPath: '',
      runtime: '',
    },
  },
  keychain: { availability: async () => 'none', encrypt: async (text) => `sealed:${text}`, decrypt: async (text) => text },
  log,
  onTaken: () => undefined,
  onShow: () => undefined,
  onFailed: (failure) => void failures.push(failure),
  loadHere: async () => {
    throw new Error('not here');
  },
  limits: { restartPauseMs: 1, closeMs: 60 },
  ...change,
});

beforeEach(() => {
  cores = [];
  failures = [];
  warned.length = 0;
  act = () => undefined;
  electron = createElectronStandIn({
    core: (port, process) => {
      const core: FakeCore = { port, process, heard: [], ports: [] };
      cores.push(core);
      port.on('message', ({ data, ports }) => {
        const message = toCore.parse(data);
        core.heard.push(message);
        core.ports.push(...ports);
        act(core, message);
      });
      port.postMessage({ kind: 'alive' });
    },
  });
  electron.makeReady();
});
afterEach(async () => {
  await host.close();
});
const latest = (): FakeCore => {
  const core = cores.at(-1);
  if (core === undefined) throw new Error('no core');
  return core;
};
const heardKinds = (): string[] => latest().heard.map(({ kind }) => kind);

describe('the core in a process of its own', () => {
  it('is told what to open, and by whom it is served', async () => {
    host = startCoreHost(electron.parts, options());
    await vi.waitFor(() => expect(latest().heard).toMatchObject([{ kind: 'open', opening: { home: '/home/of/farm', isDemo: true } }]));
  });

  it('that dies is begun again, without its demo once it was open, and takes new ports', async () => {
    act = (core, { kind }) => void (kind === 'open' && core.port.postMessage({ kind: 'opened' }));
    host = startCoreHost(electron.parts, options());
    await vi.waitFor(() => expect(heardKinds()).toEqual(['open']));
    await new Promise((resolve) => setTimeout(resolve, 5));
    latest().process.die(9);
    await vi.waitFor(() => expect(cores).toHaveLength(2));
    await vi.waitFor(() => expect(latest().heard).toMatchObject([{ kind: 'open', opening: { isDemo: false } }]));
    const { port1 } = new electron.parts.MessageChannelMain();
    host.connect(3, port1);
    await vi.waitFor(() => expect(latest().heard.at(-1)).toEqual({ kind: 'window', windowId: 3 }));
    expect([warned, failures]).toEqual([['core.gone'], []]);
  });

  it('that dies again and again is given up, and that is told once', async () => {
    act = ({ process }) => process.die(134);
    host = startCoreHost(electron.parts, options({ limits: { restartPauseMs: 1, closeMs: 60, mostRestarts: 3 } }));
    await vi.waitFor(() => expect(failures).toEqual([{ code: 'INTERNAL', parameters: {}, reference: 'F-BUG' }]));
    expect(cores).toHaveLength(4);
  });

  it('is given, when it comes again, the newest port of every page that asked while there was none', async () => {
    act = ({ process }, { kind }) => void (kind === 'open' && cores.length === 1 && process.die(9));
    host = startCoreHost(electron.parts, options({ limits: { restartPauseMs: 200, closeMs: 60 } }));
    await vi.waitFor(() => expect(warned).toEqual(['core.gone']));
    const [older, newer] = [new electron.parts.MessageChannelMain(), new electron.parts.MessageChannelMain()];
    const isClosed = new Promise<void>((resolve) => {
      older.port2.on('close', resolve);
    });
    host.connect(1, older.port1);
    host.connect(1, newer.port1);
    await isClosed;
    await vi.waitFor(() => expect(latest().heard.map(({ kind }) => kind)).toEqual(['open', 'window']));
    expect([cores.length, latest().ports]).toEqual([2, [newer.port1]]);
  });

  it('closes the port of a page that asks after all was given up', async () => {
    act = ({ process }) => process.die(134);
    host = startCoreHost(electron.parts, options({ limits: { restartPauseMs: 1, closeMs: 60, mostRestarts: 0 } }));
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    const { port1, port2 } = new electron.parts.MessageChannelMain();
    const isClosed = new Promise<void>((resolve) => {
      port2.on('close', resolve);
    });
    host.connect(1, port1);
    await isClosed;
  });

  it('runs in this process where the system starts none', async () => {
    electron.world.core = undefined;
    const heard: string[] = [];
    const serveCore = (port: CorePort): void => {
      port.on('message', ({ data }) => heard.push(toCore.parse(data).kind));
      port.postMessage({ kind: 'alive' });
    };
    host = startCoreHost(electron.parts, options({ loadHere: async () => ({ serveCore }) }));
    await vi.waitFor(() => expect(heard).toEqual(['open']));
    expect(warned).toEqual(['core.gone']);
  });

  it('runs in this process, too, where Electron tells by no event that the system started none', async () => {
    electron.world.core = 'never';
    const heard: string[] = [];
    const serveCore = (port: CorePort): void => {
      port.on('message', ({ data }) => heard.push(toCore.parse(data).kind));
      port.postMessage({ kind: 'alive' });
    };
    host = startCoreHost(electron.parts, options({ loadHere: async () => ({ serveCore }), limits: { spawnMs: 20, closeMs: 60 } }));
    await vi.waitFor(() => expect(heard).toEqual(['open']));
    // It comes after all: two cores are one too many.
    electron.cores[0]?.emit('spawn');
    expect(electron.cores[0]?.kills).toEqual(['kill', 'kill']);
  });

  it.each(['first', 'later'])('runs in this process, too, where Electron throws when it is asked for one (%s)', async (when) => {
    if (when === 'first') electron.world.core = 'throws';
    else
      act = ({ process }) => {
        electron.world.core = 'throws';
        process.die(9);
      };
    const heard: string[] = [];
    const serveCore = (port: CorePort): void => {
      port.on('message', ({ data }) => heard.push(toCore.parse(data).kind));
      port.postMessage({ kind: 'alive' });
    };
    host = startCoreHost(electron.parts, options({ loadHere: async () => ({ serveCore }) }));
    await vi.waitFor(() => expect(heard).toEqual(['open']));
    expect(failures).toEqual([]);
  });

  it('that speaks is not taken for one that was never started', async () => {
    electron.world.core = 'never';
    host = startCoreHost(electron.parts, options({ limits: { spawnMs: 20, closeMs: 60 } }));
    electron.cores[0]?.emit('message', { kind: 'alive' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([warned, electron.cores[0]?.kills]).toEqual([[], []]);
  });

  it('that cannot be opened is not begun again when its process has ended', async () => {
    act = ({ port }, { kind }) =>
      void (
        kind === 'open' && port.postMessage({ kind: 'failed', failure: { code: 'HOME_LOCKED', parameters: { path: '/', processId: 7 } } })
      );
    host = startCoreHost(electron.parts, options());
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([cores.length, failures.length, latest().process.kills]).toEqual([1, 1, ['kill']]);
  });

  it('that V8 ends is written down by the place, without the report, which holds the environment', async () => {
    host = startCoreHost(electron.parts, options());
    await vi.waitFor(() => expect(heardKinds()).toEqual(['open']));
    expect(latest().process.emit('error', 'FatalError', 'v8::internal::V8', '{"environmentVariables":{"KEY":"secret"}}')).toBe(true);
    expect(warned).toEqual(['core.fatal']);
  });

  it('leaves a call of the main process unanswered neither while it is away nor after it came back', async () => {
    host = startCoreHost(electron.parts, options({ limits: { restartPauseMs: 100, closeMs: 60 } }));
    await vi.waitFor(() => expect(heardKinds()).toEqual(['open']));
    const before = host.client().settings.get();
    await vi.waitFor(() => expect(heardKinds()).toEqual(['open', 'window']));
    latest().process.die(9);
    await expect(before).rejects.toThrow();
    // What is asked while there is none goes to the next, through a port of its own.
    const meanwhile = host.client().settings.get();
    await vi.waitFor(() => expect(cores).toHaveLength(2));
    await vi.waitFor(() => expect(heardKinds()).toEqual(['open', 'window']));
    latest().process.die(9);
    await expect(meanwhile).rejects.toThrow();
  });

  it('that cannot run here either is told', async () => {
    electron.world.core = undefined;
    host = startCoreHost(electron.parts, options());
    await vi.waitFor(() => expect(failures).toMatchObject([{ code: 'INTERNAL', reference: 'F-BUG' }]));
  });
});

describe('the keychain', () => {
  it.each([
    ['answers', async (text: string) => `sealed:${text}`, 'sealed:key'],
    [
      'refuses',
      async () => {
        throw new Error('the person said no');
      },
      undefined,
    ],
  ] as const)('that %s is answered for', async (_what, encrypt, answer) => {
    const keychain = { ...options().keychain, encrypt };
    host = startCoreHost(electron.parts, options({ keychain }));
    await vi.waitFor(() => expect(heardKinds()).toEqual(['open']));
    latest().port.postMessage({ kind: 'keychain', request: 7, act: 'encrypt', text: 'key' });
    await vi.waitFor(() =>
      expect(latest().heard.at(-1)).toEqual({ kind: 'keychain', request: 7, ...(answer === undefined ? {} : { answer }) }),
    );
  });
});

it('the keychain answers only the core that asked: numbers begin anew with each', async () => {
  const slow = Promise.withResolvers<string>();
  host = startCoreHost(electron.parts, options({ keychain: { ...options().keychain, encrypt: () => slow.promise } }));
  await vi.waitFor(() => expect(heardKinds()).toEqual(['open']));
  latest().port.postMessage({ kind: 'keychain', request: 7, act: 'encrypt', text: 'key' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  latest().process.die(9);
  await vi.waitFor(() => expect(cores).toHaveLength(2));
  await vi.waitFor(() => expect(heardKinds()).toEqual(['open']));
  slow.resolve('sealed for another question');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heardKinds()).toEqual(['open']);
});

describe('the end', () => {
  it('waits until the home was let go', async () => {
    act = (core, { kind }) => void (kind === 'close' && setTimeout(() => core.port.postMessage({ kind: 'closed' }), 20));
    host = startCoreHost(electron.parts, options({ limits: { closeMs: 5000 } }));
    await host.close();
    expect(latest().process.kills).toEqual(['kill']);
    expect(warned).toEqual([]);
  });

  it('comes within its limit from a core that does not answer', async () => {
    host = startCoreHost(electron.parts, options());
    const startedMs = performance.now();
    await host.close();
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect([latest().process.kills, warned]).toEqual([['kill'], ['core.close']]);
  });

  it('of a core that dies over it is an end', async () => {
    act = ({ process }, { kind }) => void (kind === 'close' && process.die(139));
    host = startCoreHost(electron.parts, options({ limits: { closeMs: 5000 } }));
    await host.close();
    expect([cores, failures]).toEqual([[expect.anything()], []]);
  });

  it('between a death and the next start begins nothing', async () => {
    act = ({ process }, { kind }) => void (kind === 'open' && process.die(9));
    host = startCoreHost(electron.parts, options({ limits: { restartPauseMs: 200, closeMs: 5000 } }));
    await vi.waitFor(() => expect(warned).toEqual(['core.gone']));
    await host.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(cores).toHaveLength(1);
  });
});
