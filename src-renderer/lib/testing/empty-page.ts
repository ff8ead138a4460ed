/**
 * What React asks of a page before it draws nothing. It makes a window of the process, so only for tests in a process of their own, and imported
 * before all libraries: they look for a window when they are loaded.
 */
const silent = { addEventListener: () => undefined, removeEventListener: () => undefined };
const view = Object.assign(globalThis, { HTMLIFrameElement: class {}, event: undefined, ...silent });
Object.assign(globalThis, { window: view });

const page = { ...silent, nodeType: 9, nodeName: '#document', activeElement: null, body: null, defaultView: view };

/** React reads no more of an element as long as no component draws one into it. */
export const emptyPage = {
  ...silent,
  nodeType: 1,
  nodeName: 'DIV',
  tagName: 'DIV',
  ownerDocument: page,
  textContent: '',
} as unknown as Element;
