import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import { RadioGroup } from './radio-group.tsx';
import './styles/choice-cards.css';

export interface Choice {
  id: string;
  title: string;
  /* One or two short lines. */
  says?: ReactNode;
  /* A glyph for applications; plans show a radio instead. */
  icon?: IconName;
  isOff?: boolean;
}

export interface ChoiceCardsProps {
  choices: readonly Choice[];
  value: string | null;
  onChange: (id: string) => void;
  labelledBy?: string;
  label?: string;
}

export function ChoiceCards({ choices, value, onChange, labelledBy, label }: ChoiceCardsProps) {
  return (
    <RadioGroup
      className="choices"
      {...(labelledBy !== undefined && { labelledBy })}
      {...(label !== undefined && { label })}
      value={value}
      onChange={onChange}
      entries={choices.map((choice) => ({
        id: choice.id,
        isOff: choice.isOff === true,
        className: classNames('choice', choice.icon !== undefined && 'has-glyph'),
        content: (
          <>
            {choice.icon === undefined ? (
              <span className="radio" />
            ) : (
              <span className="glyph">
                <Icon name={choice.icon} />
              </span>
            )}
            <span className="choice-words">
              <b>{choice.title}</b>
              {choice.says !== undefined && <span className="choice-says">{choice.says}</span>}
            </span>
          </>
        ),
      }))}
    />
  );
}
