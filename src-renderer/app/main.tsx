import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connectCore } from '../lib/core-client.ts';
import { GroundContext, type Ground } from '../lib/core-context.ts';
import { portWay, socketWay } from '../lib/core-ways.ts';
import { askForPort, createDesktopHost } from '../lib/desktop-host.ts';
import { createWebHost, keptWindowKey } from '../lib/web-host.ts';
import { keepDrafts } from '../stores/drafts.ts';
import { askedLanguage, followTheme, keepLook, useLookStore } from '../stores/look.ts';
import { coreNowMs, followSnapshot } from '../stores/snapshot.ts';
import { keepWords, useWordsStore } from '../stores/words.ts';
import { ThemeProvider } from '../ui/theme-provider.tsx';
import { createWindowRouter } from './routes.tsx';
import { prepareDocument } from './theme-setup.ts';
import { focusNewPage } from './title-focus.ts';

/** The browser's own origin serves the socket; the desktop's preload hands over a port. */
function findGround(): Ground {
  const bridge = window.farmHost;
  if (bridge !== undefined) return { host: createDesktopHost(bridge), connection: connectCore(portWay(() => askForPort(bridge))) };
  const address = (): string => `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/link`;
  return { host: createWebHost(), connection: connectCore(socketWay(address, keptWindowKey)) };
}

const nonce = prepareDocument();
const ground = findGround();
// Before the router, which writes addresses of its own.
const asked = askedLanguage(window.location);
if (window.location.search !== '') window.history.replaceState(window.history.state, '', asked.address);
keepLook(ground.host.keep, navigator.languages, asked.language);
followTheme(ground.host.showTheme);
keepDrafts(ground.host.keep);
followSnapshot(ground.connection.client);
const router = createWindowRouter();
let stopFocusing = (): void => undefined;
// The first page of the window keeps the focus where the person has it.
router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
  if (!pathChanged || fromLocation === undefined) return;
  stopFocusing();
  stopFocusing = focusNewPage();
});

function App() {
  const look = useLookStore();
  const language = useWordsStore((words) => words.language);
  return (
    <ThemeProvider
      theme={look.theme}
      density={look.density}
      language={language}
      textScalePercent={look.textScalePercent}
      clock={coreNowMs}
      {...(nonce !== undefined && { nonce })}
    >
      <GroundContext value={ground}>
        <RouterProvider router={router} />
      </GroundContext>
    </ThemeProvider>
  );
}

const root = document.getElementById('root');
if (root !== null) {
  const tree = (
    <StrictMode>
      <App />
    </StrictMode>
  );
  void keepWords().then(() => createRoot(root).render(tree));
}
