import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { TextField } from './text-field.tsx';

export interface ConfirmDialogProps {
  isOpen: boolean;
  /* A question with the name: "Remove beacon?". */
  title: string;
  /* The consequence, and until when it can be taken back. */
  children: ReactNode;
  /* Buttons repeat the verb: "Remove beacon", "Keep it". */
  confirmText: string;
  keepText: string;
  onConfirm: () => void;
  onClose: () => void;
  isDanger?: boolean;
  isBusy?: boolean;
  /* Only where nothing can be taken back: the name must be typed. */
  typed?: { label: string; name: string; reason: string };
}

export function ConfirmDialog({
  children,
  confirmText,
  keepText,
  onConfirm,
  onClose,
  title,
  isOpen,
  isDanger = false,
  isBusy = false,
  typed,
}: ConfirmDialogProps) {
  const [name, setName] = useState('');
  useEffect(() => {
    // A name typed before must never wait in a dialog that opens again.
    if (isOpen) setName('');
  }, [isOpen]);
  const isHeld = typed !== undefined && name.trim() !== typed.name;
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={title}
      foot={
        <>
          <Button onClick={onClose}>{keepText}</Button>
          <Button
            look={isDanger ? 'danger-solid' : 'primary'}
            onClick={onConfirm}
            isBusy={isBusy}
            disabledReason={isHeld ? typed.reason : undefined}
          >
            {confirmText}
          </Button>
        </>
      }
    >
      <div className="soft">{children}</div>
      {typed !== undefined && <TextField label={typed.label} value={name} onChange={setName} />}
    </Dialog>
  );
}
