import * as z from 'zod';

/**
 * What a person, panel or program may give us as text that is kept and shown: one line, in any script, of characters that are seen. Not taken are control
 * characters (NUL too, which stores refuse), line and paragraph separators, half characters (lone surrogates, which do not survive UTF-8), and the characters
 * that turn the reading order around (Unicode TR 9, TR 36): they make a text look like another one. Joiners stay: names in several scripts need them.
 */
export const linePattern = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u;

export const isLine = (text: string): boolean => linePattern.test(text);

/** The schema of every text of an input. One that has a stricter form of its own needs it not. */
export const line = z.string().regex(linePattern);
