import { CopyButton } from './copy-button.tsx';
import './styles/code-box.css';

export interface CodeBoxProps {
  text: string;
  copyLabel: string;
  copiedLabel: string;
  onCopy: (text: string) => Promise<void>;
}

/* A line or code to copy: a join line, a pairing code, an address. */
export function CodeBox({ text, copyLabel, copiedLabel, onCopy }: CodeBoxProps) {
  return (
    <div className="code">
      <code>{text}</code>
      <CopyButton text={text} label={copyLabel} copiedLabel={copiedLabel} onCopy={onCopy} />
    </div>
  );
}
