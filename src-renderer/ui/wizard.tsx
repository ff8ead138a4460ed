import type { ReactNode } from 'react';
import './styles/wizard.css';

export interface WizardProps {
  /* The form: few fields. */
  children: ReactNode;
  sideTitle: string;
  /* Quiet acts beside that title. */
  sideActs?: ReactNode;
  /* What exactly will change. */
  side: ReactNode;
  /* Time, the one primary button (type submit), leaving. */
  foot: ReactNode;
  onSubmit: () => void;
}

/* One page: the form left, what will change right. Enter in any field submits. */
export function Wizard({ children, sideTitle, sideActs, side, foot, onSubmit }: WizardProps) {
  return (
    <form
      className="wizard"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div className="wizard-form">
        <div className="wizard-fields">{children}</div>
      </div>
      <aside className="wizard-side" aria-label={sideTitle}>
        <div className="wizard-side-head">
          <h2>{sideTitle}</h2>
          {sideActs}
        </div>
        {side}
        <div className="wizard-foot">{foot}</div>
      </aside>
    </form>
  );
}

export interface WizardAfterProps {
  title: ReactNode;
  value: ReactNode;
  children: ReactNode;
}

/* How the chosen server will stand afterwards. */
export function WizardAfter({ title, value, children }: WizardAfterProps) {
  return (
    <div className="wizard-after">
      <p>
        <b>{title}</b>
        <span className="spring" />
        <span className="number">{value}</span>
      </p>
      {children}
    </div>
  );
}
