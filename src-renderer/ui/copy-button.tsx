import { useEffect, useState } from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';
import './styles/copy-button.css';

const SHOWN_FOR_MS = 2000;

export interface CopyButtonProps {
  text: string;
  label: string;
  copiedLabel: string;
  /* The shell's own clipboard: the desktop refuses the page that of the browser. */
  onCopy: (text: string) => Promise<void>;
}

export function useCopied(): { isCopied: boolean; copy: (text: string, onCopy: (text: string) => Promise<void>) => void } {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (text: string, onCopy: (text: string) => Promise<void>): void => {
    const done = onCopy(text);
    // A refused clipboard shows no tick: the text stays selectable beside the button.
    done.then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return { isCopied, copy };
}

export function CopyButton({ text, label, copiedLabel, onCopy }: CopyButtonProps) {
  const { isCopied, copy } = useCopied();
  return (
    <button
      type="button"
      className={classNames('copy', isCopied && 'is-done')}
      aria-label={isCopied ? copiedLabel : label}
      title={isCopied ? copiedLabel : label}
      onClick={() => copy(text, onCopy)}
    >
      <Icon name={isCopied ? 'check' : 'copy'} />
    </button>
  );
}
