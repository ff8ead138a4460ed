import type { LogLine } from '#contract/api/instances.ts';
import type { Failure } from '#contract/errors.ts';
import type { Actor } from '#contract/ids.ts';
import type { Translate } from './translate.ts';

/** Who asked for something: an operator by name, others by what they are. */
function sayActor(t: Translate, actor: Actor | undefined): string {
  switch (actor?.kind) {
    case 'operator':
      return actor.name;
    case 'token':
      return t('jobs.page.actor.token', { name: actor.name });
    case 'agent':
      return t('jobs.page.actor.agent');
    case 'system':
    case undefined:
      return t('jobs.page.actor.system');
  }
}

const note = /^([a-z]+(?:-[a-z]+)*)((?: [a-z-]+=[a-z0-9-]+)*)$/;

/** What an agent noted for programs: `event name=value …`. In words where there are some for the event. */
function sayNote(t: Translate, text: string): string {
  const [, event = '', fields = ''] = note.exec(text) ?? [];
  const key = `instances.log.note.${event}`;
  if (!t.has(key)) return text;
  const parameters = fields
    .split(' ')
    .filter((field) => field !== '')
    .map((field): [string, string | number] => {
      const [name = '', value = ''] = field.split('=');
      return [name, /^\d+$/.test(value) ? Number(value) : value];
    });
  try {
    return t.say(key, Object.fromEntries(parameters));
  } catch {
    return text;
  }
}

/**
 * A line of an instance's log as people read it. What the application wrote stays as it is; what the farm did, and what an agent noted that matters
 * to people, is said in words. A code of a newer core, or one without its arguments, stays as programs read it. Nothing is escaped here.
 */
export function sayLogLine(t: Translate, line: LogLine, sayFailure: (failure: Failure) => string): string {
  const { code, parameters = {}, failure } = line;
  if (line.stream === 'agent') return sayNote(t, line.text);
  if (line.stream !== 'farm' || code === undefined) return line.text;
  const wordsOfStep = `jobs.${parameters['type']}.${parameters['step']}`;
  const ofStep = { 'job.step-done': `${wordsOfStep}.done`, 'job.step-undone': `${wordsOfStep}.undone` }[code];
  const key = ofStep ?? `instances.log.${code}`;
  if (!t.has(key)) return line.text;
  const title = `${wordsOfStep}.title`;
  const step = t.has(title) ? t.say(title) : (parameters['step'] ?? 'none');
  try {
    const said = t.say(key, { ...parameters, step, who: sayActor(t, line.actor) });
    return failure === undefined ? said : `${said}. ${sayFailure(failure)}`;
  } catch {
    return line.text;
  }
}
