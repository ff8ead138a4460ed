import { describe } from 'vitest';
import { storeConformance } from '../../drivers/store/conformance.ts';
import { createMemoryStore } from './memory-store.ts';

describe('a store in memory', () => {
  storeConformance(async () => ({ store: createMemoryStore(), end: () => Promise.resolve() }));
});
