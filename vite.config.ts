import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The window. One build serves the web console and the desktop's own scheme, hence the relative base. */
export default defineConfig({
  root: fileURLToPath(new URL('src-renderer', import.meta.url)),
  base: './',
  plugins: [react()],
  // The server puts a fresh nonce in place of the word for every answer; the window hands it to what injects styles.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: fileURLToPath(new URL('dist/window', import.meta.url)),
    emptyOutDir: true,
    target: 'es2024',
    // The content policy refuses fonts and scripts from data addresses, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
});
