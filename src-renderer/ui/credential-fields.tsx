import type { FieldSays } from './form-field.tsx';
import { TextAreaField, TextField } from './text-field.tsx';

export interface CredentialFieldProps {
  name: string;
  format: 'text' | 'password' | 'url' | 'host' | 'servers';
  isSecret: boolean;
  label: string;
  hint: string;
  note?: string;
  value: string;
  problem?: string;
}

export interface CredentialFieldsProps {
  fields: readonly CredentialFieldProps[];
  onChange: (name: string, typed: string) => void;
  /* The first field takes the focus: a dialog of its own. */
  autoFocus?: boolean;
}

/* How each format is typed; a secret is hidden whatever its format. */
const looks = {
  text: {},
  password: { icon: 'key-round' },
  url: { icon: 'link', isMono: true, inputMode: 'url' },
  host: { icon: 'globe', isMono: true },
} as const;
const secretLook = { icon: 'key-round', type: 'password', autoComplete: 'new-password' } as const;

/* The fields of any provider, one below the other, as its row describes them. */
export function CredentialFields({ fields, onChange, autoFocus = false }: CredentialFieldsProps) {
  return fields.map(({ name, format, isSecret, label, hint, note, value, problem }, place) => {
    const says: FieldSays = problem === undefined ? { text: hint } : { state: 'bad', text: problem };
    const shared = { label, value, says, onChange: (typed: string) => onChange(name, typed), ...(note !== undefined && { note }) };
    if (format === 'servers') return <TextAreaField key={name} {...shared} rows={2} isMono />;
    return <TextField key={name} {...shared} {...(isSecret ? secretLook : looks[format])} autoFocus={autoFocus && place === 0} />;
  });
}
