import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { FormField, type FieldSays } from './form-field.tsx';
import { Icon } from './icon.tsx';
import './styles/select.css';

export interface SelectOption {
  id: string;
  text: string;
}

interface SelectCommon {
  options: readonly SelectOption[];
  value: string | null;
  onChange: (id: string) => void;
  placeholder?: string;
  /* Present = one may type to narrow; said when nothing matches. */
  nothingFound?: string;
}

export interface SelectFieldProps extends SelectCommon {
  label: ReactNode;
  note?: ReactNode;
  says?: FieldSays | undefined;
}

export interface SmallSelectProps extends SelectCommon {
  label: string;
}

const classes = {
  wrapper: 'select-wrapper',
  input: 'select-input',
  section: 'select-section',
  dropdown: 'select-list',
  options: 'select-options',
  option: 'select-option',
  empty: 'select-empty',
};

function Box({ options, value, onChange, placeholder, nothingFound, ...rest }: SelectCommon & Record<string, unknown>) {
  return (
    <Select
      unstyled
      classNames={classes}
      data={options.map((option) => ({ value: option.id, label: option.text }))}
      value={value}
      onChange={(next) => next !== null && onChange(next)}
      allowDeselect={false}
      placeholder={placeholder ?? ''}
      searchable={nothingFound !== undefined}
      nothingFoundMessage={nothingFound}
      rightSection={<Icon name="chevron-down" />}
      rightSectionPointerEvents="none"
      checkIconPosition="right"
      comboboxProps={{ transitionProps: { duration: 0 }, offset: 6, withinPortal: true }}
      {...rest}
    />
  );
}

export function SelectField({ label, note, says, ...rest }: SelectFieldProps) {
  return (
    <FormField label={label} note={note} says={says}>
      {({ inputId, saysId }) => <Box {...rest} id={inputId} aria-describedby={saysId} />}
    </FormField>
  );
}

/* In a settings row or a bar, where the words beside it already name it. */
export function SmallSelect({ label, ...rest }: SmallSelectProps) {
  return <Box {...rest} className="select-root is-small" aria-label={label} />;
}
