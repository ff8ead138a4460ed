/* The one table of states of the whole program: shapes, words and colours hang on these six names. */
export type State = 'good' | 'working' | 'warning' | 'bad' | 'paused' | 'unknown';

/* Marks of job steps that have not begun or were taken back. */
export type MarkState = State | 'waiting' | 'undone';
