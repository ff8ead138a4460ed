import * as z from 'zod';

// The content policy forbids code made from text, which zod tries for speed. Imported before every schema that a page parses with.
z.config({ jitless: true });
