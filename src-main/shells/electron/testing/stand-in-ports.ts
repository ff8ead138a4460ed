import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Frame, IpcMain, MainPort, Sent } from '../electron-parts.ts';
import type { RendererIpc } from '../preload-bridge.ts';

/** A real port in the clothes of Electron's `MessagePortMain`: events with `data`, nothing delivered before `start`. */
class StandInPort extends EventEmitter implements MainPort {
  readonly real: MessagePort;
  constructor(real: MessagePort) {
    super();
    this.real = real;
    real.on('close', () => this.emit('close'));
  }
  postMessage(message: unknown): void {
    this.real.postMessage(message);
  }
  start(): void {
    this.real.on('message', (data: unknown) => this.emit('message', { data }));
  }
  close(): void {
    this.real.close();
  }
}

export class StandInChannel {
  readonly port1: MainPort;
  readonly port2: MainPort;
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new StandInPort(port1);
    this.port2 = new StandInPort(port2);
  }
}

type Act = Parameters<IpcMain['handle']>[1];

/** `ipcMain`, and how a test knocks at it as whatever sender it likes. */
export function createIpc() {
  const bus = new EventEmitter();
  const acts = new Map<string, Act>();
  const main: IpcMain = {
    on: (channel, listener) => bus.on(channel, listener),
    removeListener: (channel, listener) => bus.removeListener(channel, listener),
    handle: (channel, act) => {
      if (acts.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
      acts.set(channel, act);
    },
    removeHandler: (channel) => void acts.delete(channel),
  };
  return {
    main,
    send: (event: Sent, channel: string, ...parameters: unknown[]): void => void bus.emit(channel, event, ...structuredClone(parameters)),
    /** Like Electron, both ways are copies, and an error arrives as a text about the channel. */
    invoke: async (event: Sent, channel: string, ...parameters: unknown[]): Promise<unknown> => {
      const act = acts.get(channel);
      if (act === undefined) throw new Error(`No handler registered for '${channel}'`);
      try {
        return structuredClone(await act(event, ...structuredClone(parameters)));
      } catch (error) {
        throw new Error(`Error invoking remote method '${channel}': ${String(error)}`);
      }
    },
    channels: (): string[] => [...acts.keys(), ...bus.eventNames().map(String)].sort(),
  };
}
export type StandInIpc = ReturnType<typeof createIpc>;

/** One page of a window, from its preload's side: its `ipcRenderer`, and its `window` as far as ports are posted into it. */
export function createPage(ipc: StandInIpc, contentsId: number, origin: string) {
  const bus = new EventEmitter();
  const frame: Frame = {
    origin,
    parent: null,
    postMessage: (channel, message, transfer = []) => {
      const ports = transfer.map((port) => (port instanceof StandInPort ? port.real : undefined));
      bus.emit(channel, { ports }, structuredClone(message));
    },
  };
  const sent: Sent = { sender: { id: contentsId }, senderFrame: frame };
  const renderer: RendererIpc = {
    on: (channel, listener) => bus.on(channel, listener),
    send: (channel, request) => ipc.send(sent, channel, request),
    invoke: (channel, ...parameters) => ipc.invoke(sent, channel, ...parameters),
  };
  const events = new EventTarget();
  const page = Object.assign(events, {
    location: { origin },
    postMessage: (data: unknown, wanted: string, ports: unknown[]): void => {
      if (wanted !== origin) return;
      queueMicrotask(() => events.dispatchEvent(Object.assign(new Event('message'), { data, ports, source: page })));
    },
  });
  return { renderer, frame, sent, page };
}
export type StandInPage = ReturnType<typeof createPage>;
