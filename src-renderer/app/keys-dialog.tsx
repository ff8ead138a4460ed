import { useHost } from '../lib/use-core.ts';
import { useWords } from '../lib/use-words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Facts } from '../ui/facts.tsx';
import { Key } from '../ui/key.tsx';
import { goKeys } from './key-map.ts';
import './frame.css';

/** All keys of the window. */
export function KeysDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const words = useWords();
  const { system } = useHost();
  const command = system === 'mac' ? '⌘' : 'Ctrl';
  const pages = goKeys.map(({ letter, page }) => ({
    id: page,
    name: words(`common.rail.${page}`),
    value: (
      <>
        <Key>G</Key> <Key>{letter}</Key>
      </>
    ),
  }));
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={words('common.keys.title')}
      foot={<Button onClick={onClose}>{words('common.keys.close')}</Button>}
    >
      <div className="keys-list">
        <Facts
          facts={[
            {
              id: 'palette',
              name: words('common.keys.palette'),
              value: (
                <>
                  <Key>{command}</Key> <Key>K</Key>
                </>
              ),
            },
            { id: 'new', name: words('common.keys.new'), value: <Key>N</Key> },
            ...pages,
            { id: 'help', name: words('common.keys.help'), value: <Key>?</Key> },
          ]}
        />
      </div>
    </Dialog>
  );
}
