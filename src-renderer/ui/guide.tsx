import { Segments } from './segments.tsx';

export interface GuideProps {
  /* What the choice is: "System". */
  label: string;
  choices: readonly { id: string; text: string }[];
  value: string;
  onChange: (id: string) => void;
  steps: readonly string[];
}

/* Numbered steps, for one of several systems. */
export function Guide({ label, choices, value, onChange, steps }: GuideProps) {
  return (
    <>
      <Segments label={label} size="small" value={value} onChange={onChange} segments={[...choices]} />
      <ol className="numbered">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </>
  );
}
