import { coreNowMs, selectFarm, useSnapshot } from '../stores/snapshot.ts';
import { addNotice } from '../stores/notices.ts';
import { codedFailure } from './failure.ts';
import { type Taken, takenText } from './taken-text.ts';
import { useHost } from './use-core.ts';
import { useFormat, useWords } from './use-words.ts';

/** What the part `TakeAlong` takes: the text of what will change, and where it goes. `name`: of what is made, for the file. */
export function useTakeAlong(taken: Taken, name: string) {
  const words = useWords();
  const format = useFormat();
  const host = useHost();
  const farm = useSnapshot(selectFarm)?.name;
  const file = words('wizard.take.file', { name: name === '' ? taken.title : name }).replaceAll(/[^\p{L}\p{N}.,_ -]+/gu, '-');
  return {
    text: takenText(words, format, taken, farm, coreNowMs()),
    copyLabel: words('wizard.take.copy'),
    copiedLabel: words('wizard.take.copied'),
    saveLabel: words('wizard.take.save'),
    onCopy: host.copyText,
    onSave: (text: string): void => void host.saveFile(file, 'text/plain', text).catch((error: unknown) => addNotice(codedFailure(error))),
  };
}
