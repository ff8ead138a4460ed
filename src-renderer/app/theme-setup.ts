/* What the document needs before the first render, so that a strict Content-Security-Policy holds.
   Call once, first thing in main. */

interface PolicyFactory {
  createPolicy(name: string, rules: { createHTML: (text: string) => string; createScriptURL?: (url: string) => string }): unknown;
}

declare global {
  interface Window {
    trustedTypes?: PolicyFactory;
    /* Read by the scroll lock under Modal for its own style element. */
    __webpack_nonce__?: string;
  }
}

const NONCE_PLACEHOLDER = '__CSP_NONCE__';

/* The nonce of this response; undefined where the server put none in (development, Electron's own scheme). */
export function readStyleNonce(): string | undefined {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
  return nonce === undefined || nonce === '' || nonce === NONCE_PLACEHOLDER ? undefined : nonce;
}

/* The library fills style elements through innerHTML; nothing in this window needs a tag that way. */
export function installTrustedTypes(factory: PolicyFactory | undefined = window.trustedTypes): void {
  factory?.createPolicy('default', {
    createHTML: (text) => {
      if (text.includes('<')) throw new TypeError('This window makes no elements from text.');
      return text;
    },
  });
}

/* Installs the policy and returns the nonce for ThemeProvider. Not to be called twice: a second default policy is refused. */
export function prepareDocument(): string | undefined {
  installTrustedTypes();
  const nonce = readStyleNonce();
  if (nonce !== undefined) window.__webpack_nonce__ = nonce;
  return nonce;
}
