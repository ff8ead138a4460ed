import type { ComponentPropsWithRef, MouseEvent, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import { Key } from './key.tsx';
import { StateMark } from './state-mark.tsx';
import { Tip } from './tip.tsx';
import './styles/button.css';

/* What a menu or tooltip puts onto its target passes through to the element. */
type PassedOn = Omit<ComponentPropsWithRef<'button'>, 'type' | 'onClick' | 'children' | 'className' | 'disabled' | 'aria-label'>;

export interface ButtonProps extends PassedOn {
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
}

interface Shown {
  icon: IconName | undefined;
  isBusy: boolean;
  children: ReactNode;
  keyHint: string | undefined;
}

function buttonClass({ look = 'quiet', size = 'normal', icon, children }: ButtonProps): string {
  return classNames(
    'button',
    look !== 'quiet' && `is-${look}`,
    size !== 'normal' && `is-${size}`,
    icon !== undefined && children === undefined && 'is-icon',
  );
}

function Inside({ icon, isBusy, children, keyHint }: Shown) {
  return (
    <>
      {isBusy ? <StateMark state="working" /> : icon !== undefined && <Icon name={icon} />}
      {children}
      {keyHint !== undefined && <Key>{keyHint}</Key>}
    </>
  );
}

function withReason(label: string | undefined, reason: string | undefined): string | undefined {
  return label === undefined || reason === undefined ? label : `${label}. ${reason}`;
}

export function Button(props: ButtonProps) {
  const { look: _look, size: _size, icon, keyHint, children, ...others } = props;
  const { disabledReason, isBusy = false, type = 'button', href, onClick, label, isPressed, ...passedOn } = others;
  const isOff = disabledReason !== undefined || isBusy;
  const press = (event: MouseEvent<HTMLElement>): void => {
    if (isOff) event.preventDefault();
    else onClick?.(event);
  };
  const inside = (
    <Inside icon={icon} isBusy={isBusy} keyHint={keyHint}>
      {children}
    </Inside>
  );
  const element =
    href !== undefined && !isOff ? (
      <a className={buttonClass(props)} href={href} onClick={press} aria-label={label}>
        {inside}
      </a>
    ) : (
      <button
        {...passedOn}
        className={buttonClass(props)}
        type={isOff ? 'button' : type}
        onClick={press}
        aria-disabled={disabledReason !== undefined || undefined}
        aria-busy={isBusy || undefined}
        aria-label={withReason(label, disabledReason)}
        aria-pressed={isPressed}
      >
        {inside}
        {disabledReason !== undefined && label === undefined && <span className="hidden-text">. {disabledReason}</span>}
      </button>
    );
  const tip = disabledReason ?? (children === undefined ? label : undefined);
  return tip === undefined ? element : <Tip text={tip}>{element}</Tip>;
}
