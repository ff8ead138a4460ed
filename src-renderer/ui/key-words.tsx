import './styles/key-words.css';

export interface KeyWordsProps {
  words: readonly string[];
  /* "Key of Oak in words": the list's name for a screen reader. */
  label: string;
  look?: 'tiles' | 'line';
}

/* A key that two people, or two screens, compare. English in every language, so that a screen reader says the words as they are and no
   browser translates them. */
export function KeyWords({ words, label, look = 'tiles' }: KeyWordsProps) {
  return (
    <ol className={look === 'tiles' ? 'key-words' : 'key-words is-line'} aria-label={label} lang="en" translate="no">
      {words.map((word, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what tells two equal words apart
        <li key={place}>{word}</li>
      ))}
    </ol>
  );
}
