import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import './styles/dialog.css';

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
  size?: 'normal' | 'wide';
}

export function Dialog({ isOpen, onClose, title, children, foot, size = 'normal' }: DialogProps) {
  return (
    <Modal.Root
      opened={isOpen}
      onClose={onClose}
      unstyled
      transitionProps={{ duration: 0 }}
      classNames={{ inner: 'dialog-inner', content: size === 'wide' ? 'dialog is-wide' : 'dialog', overlay: 'scrim' }}
    >
      <Modal.Overlay />
      <Modal.Content>
        <div className="dialog-body">
          <Modal.Title>{title}</Modal.Title>
          <Modal.Body>{children}</Modal.Body>
        </div>
        {foot !== undefined && <div className="dialog-foot">{foot}</div>}
      </Modal.Content>
    </Modal.Root>
  );
}
