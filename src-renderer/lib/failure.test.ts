import { ORPCError } from '@orpc/client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import { LinkLostError } from './core-link.ts';
import { codedFailure, failureEvidence, sayFailure } from './failure.ts';

const en = createTranslate('en', 'UTC');
const ru = createTranslate('ru', 'UTC');

afterEach(() => vi.restoreAllMocks());

describe('a thrown value as a failure', () => {
  test('an expected one keeps its code and its parameters', () => {
    const error = new ORPCError('PORT_TAKEN', { status: 409, data: { port: 20_114, owner: 'SQLAGENT.EXE' } });
    const failure = codedFailure(error);
    expect(failure).toEqual({ code: 'PORT_TAKEN', parameters: { port: 20_114, owner: 'SQLAGENT.EXE' } });
    expect(sayFailure(en, failure)).toContain('SQLAGENT.EXE');
    expect(sayFailure(ru, failure)).toContain('20114');
    const ofNobody = { code: 'PORT_TAKEN', parameters: { port: 443, owner: 'unknown' } };
    expect(sayFailure(en, ofNobody)).toContain('used by another program.');
    expect(sayFailure(ru, ofNobody)).toContain('занят другой программой.');
  });

  test('a bug of the core shows its reference and nothing else', () => {
    const failure = codedFailure(new ORPCError('INTERNAL_SERVER_ERROR', { data: { reference: 'B-17' } }));
    expect(failure.reference).toBe('B-17');
    expect(sayFailure(en, failure)).toContain('B-17');
  });

  test('a bug of the window gets a reference that its console has too', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const error = new TypeError('x is undefined');
    const failure = codedFailure(error);
    expect(failure.code).toBe('INTERNAL');
    expect(log).toHaveBeenCalledWith(failure.reference, error);
    expect(sayFailure(en, failure)).not.toContain('undefined');
  });

  test.each([
    new LinkLostError(),
    Object.assign(new Error('x'), { name: 'AbortError' }),
    new Error('Cannot send message, WebSocket is not open.'),
  ])('a lost link: %s', (error) => {
    expect(codedFailure(error).code).toBe('LINK_LOST');
    expect(sayFailure(ru, codedFailure(error))).toContain('не отвечает');
  });

  test('an old failure without an argument, and a code of a newer core, are said as far as they can be', () => {
    expect(sayFailure(en, { code: 'PORT_TAKEN', parameters: {} })).toContain('PORT_TAKEN');
    expect(sayFailure(en, { code: 'MOON_FULL', parameters: {} })).toContain('MOON_FULL');
  });

  test('text from far machines cannot steer the reader', () => {
    const said = sayFailure(en, { code: 'PORT_TAKEN', parameters: { port: 1, owner: 'evil\u202etxt.exe' } });
    expect(said).not.toContain('\u202e');
    expect(failureEvidence({ code: 'X', parameters: { line: '\u001b[31mred' } })).not.toContain('\u001b');
  });
});
