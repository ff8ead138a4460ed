import type { MouseEvent, ReactNode, Ref } from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import { Key } from './key.tsx';
import { StateMark } from './state-mark.tsx';
import { Tip } from './tip.tsx';
import './styles/button.css';

export interface ButtonProps {
  children?: ReactNode;
  /* One primary per screen; danger-solid only inside a dialog. */
  look?: 'primary' | 'quiet' | 'bare' | 'danger' | 'danger-solid';
  size?: 'normal' | 'small' | 'large';
  icon?: IconName;
  keyHint?: string;
  /* Name of a button that shows only an icon. */
  label?: string;
  /* Present = off. The button stays in the tab order and says why in its tooltip. */
  disabledReason?: string | undefined;
  /* Turns its mark and ignores presses until the act has answered. */
  isBusy?: boolean;
  type?: 'button' | 'submit';
  href?: string;
  onClick?: (event: MouseEvent<HTMLElement>) => void;
  isPressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

function buttonClass({ look = 'quiet', size = 'normal', icon, children }: ButtonProps): string {
  return classNames(
    'button',
    look !== 'quiet' && `is-${look}`,
    size !== 'normal' && `is-${size}`,
    icon !== undefined && children === undefined && 'is-icon',
  );
}

function Inside({ icon, isBusy, children, keyHint }: ButtonProps) {
  return (
    <>
      {isBusy === true ? <StateMark state="working" /> : icon !== undefined && <Icon name={icon} />}
      {children}
      {keyHint !== undefined && <Key>{keyHint}</Key>}
    </>
  );
}

export function Button(props: ButtonProps) {
  const { disabledReason, isBusy = false, type = 'button', href, onClick, label, isPressed, ref } = props;
  const isOff = disabledReason !== undefined || isBusy;
  const press = (event: MouseEvent<HTMLElement>): void => {
    if (isOff) event.preventDefault();
    else onClick?.(event);
  };
  const element =
    href !== undefined && !isOff ? (
      <a className={buttonClass(props)} href={href} onClick={press} aria-label={label}>
        <Inside {...props} />
      </a>
    ) : (
      <button
        className={buttonClass(props)}
        type={isOff ? 'button' : type}
        onClick={press}
        aria-disabled={disabledReason !== undefined || undefined}
        aria-busy={isBusy || undefined}
        aria-label={label}
        aria-pressed={isPressed}
        ref={ref}
      >
        <Inside {...props} />
        {disabledReason !== undefined && <span className="hidden-text">. {disabledReason}</span>}
      </button>
    );
  const tip = disabledReason ?? (props.children === undefined ? label : undefined);
  return tip === undefined ? element : <Tip text={tip}>{element}</Tip>;
}
