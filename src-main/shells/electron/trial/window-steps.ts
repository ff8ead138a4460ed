import { lookAtPage } from './look-at-page.ts';
import { failed, passed, type Trial, type TrialStep } from './trial-step.ts';

/** A person waits no longer for a window. */
const latestWindowMs = 5000;
/** Less than any system's title bar is high. */
const leastTitleBar = 16;
/** Windows counts the invisible edges by which a window is resized. */
const edge = 16;

function windowOf({ inside }: Trial) {
  const window = inside.window();
  if (window === undefined) throw new Error('there is no window');
  return window;
}

const visible: TrialStep = {
  name: 'window',
  limitMs: 30_000,
  run: async (trial) => {
    const { by, atMs } = await trial.shown;
    const detail = { by, msSinceStart: Math.round(atMs), isVisible: windowOf(trial).isVisible() };
    return detail.isVisible && atMs <= latestWindowMs ? passed(detail) : failed(detail);
  },
};

/** On Linux whoever manages the windows draws the title bar, and Electron does not know of it: there a person says how it is. */
const titleBar: TrialStep = {
  name: 'titleBar',
  limitMs: 10_000,
  run: async (trial) => {
    const window = windowOf(trial);
    const [whole, content] = [window.getBounds(), window.getContentBounds()];
    const { dragRegions } = await lookAtPage(trial);
    const detail = { height: content.y - whole.y, isMovable: window.isMovable(), dragRegions };
    const hasOwn = detail.height >= leastTitleBar || trial.system === 'other';
    // A page that needs no region to be dragged by has none.
    return hasOwn && detail.isMovable && dragRegions === 0 ? passed(detail) : failed(detail);
  },
};

const bounds: TrialStep = {
  name: 'bounds',
  limitMs: 5000,
  run: async (trial) => {
    const { x, y, width, height } = windowOf(trial).getBounds();
    const displays = trial.electron.screen.getAllDisplays();
    const holds = displays.some(
      ({ workArea: free }) =>
        x >= free.x - edge && y >= free.y - edge && x + width <= free.x + free.width + edge && y + height <= free.y + free.height + edge,
    );
    const free = displays.map(({ workArea }) => `${workArea.width}×${workArea.height}+${workArea.x}+${workArea.y}`).join(' ');
    const detail = { window: `${width}×${height}+${x}+${y}`, free };
    return holds ? passed(detail) : failed(detail);
  },
};

export const windowSteps: readonly TrialStep[] = [visible, titleBar, bounds];
