import { useRef, useState } from 'react';
import type { InstanceView, LogLine } from '#contract/api/instances.ts';
import type { Failure } from '#contract/errors.ts';
import { sayLogLine } from '#words/say-log-line.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useLiveEvents } from '../../lib/use-live.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { LogPause, LogView } from '../../ui/log-view.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segments } from '../../ui/segments.tsx';
import { emptyLog, type HeldLog, isOf, logSources, logText, type LogSource, withLines } from './log-lines.ts';

const FIRST_LINES = 200;
const WHOLE = 5_000;

export type InstanceLogProps = { readonly instance: InstanceView; readonly maxHeightPx?: number; readonly onWhole?: () => void };

/** What application, agent and farm write, as it is written. Paused, the view stands still and new lines are counted. */
export function InstanceLog({ instance, maxHeightPx, onWhole }: InstanceLogProps) {
  const words = useWords();
  const format = useFormat();
  const core = useCore();
  const host = useHost();
  const [log, setLog] = useState<HeldLog>(emptyLog);
  const [isFollowing, setFollowing] = useState(true);
  const [shown, setShown] = useState<HeldLog>(emptyLog);
  const [away, setAway] = useState<Failure>();
  const [source, setSource] = useState<LogSource>('all');
  const say = (line: LogLine): string => sayLogLine(words, line, (why) => sayFailure(words, why));
  // A stream that begins anew repeats the last lines; one that goes on after a cut does not.
  const isFresh = useRef(true);
  const state = useLiveEvents(
    `instances.log.${instance.id}`,
    (client, options) => {
      isFresh.current = options.lastEventId === undefined;
      return client.instances.followLog({ instanceId: instance.id, lines: FIRST_LINES }, options);
    },
    ({ lines, away: why }) => {
      setAway(why);
      const isBeginning = isFresh.current;
      isFresh.current = false;
      setLog((held) => withLines(isBeginning ? { lines: [], next: held.next } : held, lines));
    },
  );
  const follow = (isOn: boolean): void => {
    setShown(log);
    setFollowing(isOn);
  };
  const save = useCall(async (_key) => {
    const { lines } = await core.instances.log({ instanceId: instance.id, lines: WHOLE });
    return host.saveFile(`${instance.name}.log`, 'text/plain', logText(lines, say));
  });
  const visible = isFollowing ? log : shown;
  const lines = visible.lines.filter((line) => isOf(source, line));
  const failure = save.failure ?? (state.kind === 'refused' || state.kind === 'waiting' ? state.failure : undefined);
  return (
    <Panel
      title={words('instances.page.log.title')}
      note={
        isFollowing
          ? words('instances.page.log.live', { server: instance.server?.name ?? '–' })
          : words('instances.page.log.paused', { waiting: log.next - shown.next })
      }
      acts={
        <>
          <LogPause
            isFollowing={isFollowing}
            onFollowChange={follow}
            pauseText={words('instances.page.log.pause')}
            followText={words('instances.page.log.follow')}
          />
          <Button look="bare" size="small" icon="download" isBusy={save.isBusy} onClick={() => void save.run()}>
            {words('instances.page.log.download')}
          </Button>
          {onWhole !== undefined && (
            <Button look="bare" size="small" onClick={onWhole}>
              {words('instances.page.log.whole')}
            </Button>
          )}
        </>
      }
    >
      {failure !== undefined && (
        <Banner state="unknown" title={words('instances.page.log.cut')}>
          {sayFailure(words, failure)}
        </Banner>
      )}
      {failure === undefined && away !== undefined && (
        <Banner state="unknown" title={words('instances.page.log.away')}>
          {sayFailure(words, away)}
        </Banner>
      )}
      {onWhole === undefined && (
        <div className="log-filter">
          <Segments
            size="small"
            label={words('instances.page.log.filter')}
            segments={logSources.map((id) => ({ id, text: words(`instances.page.log.filter.${id}`) }))}
            value={source}
            onChange={(id) => setSource(logSources.find((one) => one === id) ?? 'all')}
          />
        </div>
      )}
      <LogView
        label={words('instances.page.log.label', { name: instance.name })}
        isFollowing={isFollowing}
        onFollowChange={follow}
        emptyText={words(
          state.kind === 'opening'
            ? 'instances.page.log.loading'
            : source === 'all'
              ? 'instances.page.log.empty'
              : 'instances.page.log.none',
        )}
        lines={lines.map((line) => ({
          id: line.id,
          time: format.timeWithSeconds(line.atMs),
          source: words(`instances.page.log.source.${line.stream}`),
          text: say(line),
          state: line.failure !== undefined ? ('bad' as const) : line.stream === 'error' ? ('warning' as const) : undefined,
        }))}
        {...(maxHeightPx !== undefined && { maxHeightPx })}
      />
    </Panel>
  );
}
