import { renderToStaticMarkup } from 'react-dom/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '#words/en/index.ts';
import { useWordsStore } from '../../stores/words.ts';
import { demoChoiceOf } from './demo-choice.ts';
import { FirstRunChoices } from './first-run-choices.tsx';
import type { SettingsView } from './settings-view.ts';

// Drawn to text, React reads the state with which a store began.
beforeAll(() => void Object.assign(useWordsStore.getInitialState(), { texts: en }));
afterAll(() => void Object.assign(useWordsStore.getInitialState(), { texts: undefined }));

const demo = (isPossible: boolean, isOffered: boolean): Pick<SettingsView, 'demo'> => ({ demo: { step: 'none', isPossible, isOffered } });
const drawn = (settings: Pick<SettingsView, 'demo'> | undefined): string =>
  renderToStaticMarkup(<FirstRunChoices demo={demoChoiceOf(settings)} onStart={() => undefined} onDemo={() => undefined} />);
const buttons = (html: string): string[] => [...html.matchAll(/<button.*?<\/button>/g)].map(([button]) => button);

describe('the choice of a demo farm', () => {
  it.each([
    ['opens where one can be made', demo(true, true), 'settings.first.demoSays', true],
    ['opens while the core has not said yet', undefined, 'settings.first.demoSays', true],
    ['says that this home has another farm', demo(true, false), 'settings.first.demoNot', false],
    ['says what it needs on a Mac, instead of failing', demo(false, true), 'settings.first.demoNotHere', false],
    ['says so of a Mac with another farm, too', demo(false, false), 'settings.first.demoNotHere', false],
  ] as const)('%s', (_what, settings, words, isOpen) => {
    const html = drawn(settings);
    expect(html).toContain(en[words]);
    expect(buttons(html).some((button) => button.includes(en['settings.first.demo']))).toBe(isOpen);
    // A farm of one's own can be chosen everywhere.
    expect(buttons(html).some((button) => button.includes(en['settings.first.start']))).toBe(true);
  });
});
