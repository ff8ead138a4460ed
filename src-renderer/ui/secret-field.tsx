import { useState } from 'react';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import './styles/code-box.css';

export interface SecretFieldProps {
  label: string;
  /* null once it was shown and is kept no more. */
  value: string | null;
  goneText: string;
  /* Masked until asked for; without these two it is shown at once. */
  reveal?: { showLabel: string; hideLabel: string };
  copyLabel: string;
  copiedLabel: string;
  onCopy: (text: string) => Promise<void>;
}

const MASK = '•'.repeat(16);

/* A secret that is shown once. The mask has one length: it must not tell the secret's. */
export function SecretField({ label, value, goneText, reveal, copyLabel, copiedLabel, onCopy }: SecretFieldProps) {
  const [isShown, setShown] = useState(reveal === undefined);
  if (value === null) return <p className="secret is-gone">{goneText}</p>;
  return (
    <fieldset className="code secret" aria-label={label}>
      <code>{isShown ? value : MASK}</code>
      {reveal !== undefined && (
        <Button look="bare" size="small" onClick={() => setShown(!isShown)} isPressed={isShown}>
          {isShown ? reveal.hideLabel : reveal.showLabel}
        </Button>
      )}
      <CopyButton text={value} label={copyLabel} copiedLabel={copiedLabel} onCopy={onCopy} />
    </fieldset>
  );
}
