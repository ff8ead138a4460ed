import { CopyButton } from './copy-button.tsx';
import { Icon } from './icon.tsx';

export interface TakeAlongProps {
  /* What is taken along, as plain text. */
  text: string;
  copyLabel: string;
  copiedLabel: string;
  saveLabel: string;
  /* The shell's own clipboard; the browser's when absent. */
  onCopy: (text: string) => Promise<void>;
  onSave: (text: string) => void;
}

/* Two quiet acts in a head: copy, and save as a file. Neither sends the form around it. */
export function TakeAlong({ text, copyLabel, copiedLabel, saveLabel, onCopy, onSave }: TakeAlongProps) {
  return (
    <span className="take-along">
      <CopyButton text={text} label={copyLabel} copiedLabel={copiedLabel} onCopy={onCopy} />
      <button type="button" className="copy" aria-label={saveLabel} title={saveLabel} onClick={() => onSave(text)}>
        <Icon name="download" />
      </button>
    </span>
  );
}
