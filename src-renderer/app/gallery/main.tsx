/* All parts in their states, for looking at; served in development only, no page of the program leads here. */
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import type { ThemeChoice } from '../../ui/look-context.ts';
import { ThemeProvider } from '../../ui/theme-provider.tsx';
import { prepareDocument } from '../theme-setup.ts';
import { SceneDesk } from './scene-desk.tsx';
import { SceneInstance } from './scene-instance.tsx';
import { SceneInstances } from './scene-instances.tsx';
import { SceneHandedOver, SceneJob, SceneStopped } from './scene-job.tsx';
import { SceneNew } from './scene-new.tsx';
import { SceneParts } from './scene-parts.tsx';
import { NOW_MS, rows } from './samples.ts';
import './gallery.css';

const scenes: Record<string, () => ReactNode> = {
  parts: () => <SceneParts opens={null} />,
  dialog: () => <SceneParts opens="dialog" />,
  palette: () => <SceneParts opens="palette" />,
  desk: () => <SceneDesk isLarge={false} />,
  large: () => <SceneDesk isLarge />,
  instances: () => <SceneInstances rowCount={rows.length} />,
  empty: () => <SceneInstances rowCount={0} />,
  instance: () => <SceneInstance />,
  new: () => <SceneNew />,
  job: () => <SceneJob />,
  jobs: () => <SceneStopped />,
  handed: () => <SceneHandedOver />,
};

const nonce = prepareDocument();
const wanted = new URLSearchParams(location.search);
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <ThemeProvider
      theme={(['light', 'dark', 'system'] as const).find((theme): theme is ThemeChoice => theme === wanted.get('theme')) ?? 'system'}
      density={wanted.get('density') === 'comfortable' ? 'comfortable' : 'dense'}
      language={wanted.get('language') ?? 'en'}
      clock={() => NOW_MS}
      {...(nonce !== undefined && { nonce })}
    >
      {(scenes[wanted.get('scene') ?? 'parts'] ?? scenes['parts'])?.()}
    </ThemeProvider>,
  );
}
