import type { HTMLInputTypeAttribute, ReactNode, Ref } from 'react';
import { classNames } from './class-names.ts';
import { FormField, type FieldSays } from './form-field.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';

export interface TextFieldProps {
  label: ReactNode;
  note?: ReactNode;
  value: string;
  onChange: (value: string) => void;
  says?: FieldSays | undefined;
  icon?: IconName;
  /* Fixed words at the right end: ".farm.example". */
  suffix?: ReactNode;
  placeholder?: string;
  type?: HTMLInputTypeAttribute;
  autoComplete?: string;
  autoFocus?: boolean;
  isRequired?: boolean;
  isMono?: boolean;
  inputMode?: 'text' | 'numeric' | 'email' | 'url';
  onBlur?: () => void;
  ref?: Ref<HTMLInputElement>;
}

export function TextField(props: TextFieldProps) {
  const { label, note, value, onChange, says, icon, suffix, placeholder, type = 'text', autoComplete = 'off', isMono = false } = props;
  return (
    <FormField label={label} note={note} says={says}>
      {({ inputId, saysId, isBad }) => (
        <div className={classNames('input', isBad && 'is-bad')}>
          {icon !== undefined && <Icon name={icon} />}
          <input
            ref={props.ref}
            id={inputId}
            className={isMono ? 'mono' : undefined}
            type={type}
            value={value}
            placeholder={placeholder}
            autoComplete={autoComplete}
            // biome-ignore lint/a11y/noAutofocus: a wizard starts in its first field
            autoFocus={props.autoFocus}
            required={props.isRequired}
            inputMode={props.inputMode}
            spellCheck={false}
            aria-invalid={isBad || undefined}
            aria-describedby={saysId}
            onChange={(event) => onChange(event.target.value)}
            onBlur={props.onBlur}
          />
          {suffix !== undefined && <span className="suffix">{suffix}</span>}
        </div>
      )}
    </FormField>
  );
}

export interface TextAreaFieldProps {
  label: ReactNode;
  note?: ReactNode;
  value: string;
  onChange: (value: string) => void;
  says?: FieldSays | undefined;
  rows?: number;
  isMono?: boolean;
}

export function TextAreaField({ label, note, value, onChange, says, rows = 4, isMono = false }: TextAreaFieldProps) {
  return (
    <FormField label={label} note={note} says={says}>
      {({ inputId, saysId, isBad }) => (
        <div className={classNames('input is-area', isBad && 'is-bad')}>
          <textarea
            id={inputId}
            className={isMono ? 'mono' : undefined}
            rows={rows}
            value={value}
            spellCheck={!isMono}
            aria-invalid={isBad || undefined}
            aria-describedby={saysId}
            onChange={(event) => onChange(event.target.value)}
          />
        </div>
      )}
    </FormField>
  );
}

export interface SearchInputProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  keyHint?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/* The small search box of a filter bar: its label is its placeholder. */
export function SearchInput({ label, value, onChange, keyHint, ref }: SearchInputProps) {
  return (
    <label className="input is-small is-search">
      <Icon name="search" />
      <input
        ref={ref}
        type="search"
        value={value}
        placeholder={label}
        aria-label={label}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || value === '') return;
          event.stopPropagation();
          onChange('');
        }}
      />
      {keyHint}
    </label>
  );
}
