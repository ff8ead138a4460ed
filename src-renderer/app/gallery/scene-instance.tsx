import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chart } from '../../ui/chart.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Label } from '../../ui/label.tsx';
import { Lines } from '../../ui/lines.tsx';
import { LogPause, LogView } from '../../ui/log-view.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Columns, Page, PageHead, Row, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { DiagnosticPath } from '../../ui/diagnostic-path.tsx';
import { Segments } from '../../ui/segments.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Frame } from './frame.tsx';
import { copyNowhere, DAY_MS, lastDay, NOW_MS, wave } from './samples.ts';

const pathChecks = [
  ['Name', '203.0.113.24 on both name servers'],
  ['Firewalls', '443 open from outside'],
  ['Certificate', '*.farm.example 71 days left'],
  ['Edge on Cedar', 'HTTP/2, routes in 1 ms'],
  ['Application', '18 days without a restart'],
  ['Self-check', 'Database, mail and disk fine'],
] as const;

const log = [
  ['02:41:33', 'backup', '312 MB in 61 s, checked, kept on Spruce'],
  ['13:58:10', 'edge', 'certificate reloaded without closing 4 open connections'],
  ['14:12:57', 'app', 'calendar import skipped 1 of 214 entries: no end time'],
  ['14:29:02', 'app', 'session opened for h.bell@bellweather.example from 198.51.100.77 \u001b[31mred\u001b[0m \u202eevil'],
  ['14:31:44', 'app', 'mail queue: 0 waiting, 12 delivered in the last hour'],
  ['14:31:48', 'check', 'GET /status 200 in 104 ms, asked by Oak'],
] as const;

const times = lastDay();
const spike = (values: number[]): number[] =>
  values.map((value, index) => (index > 68 && index < 76 ? value + 90 - Math.abs(72 - index) * 28 : value));
const answer = spike(wave(times.length, 80, 16, 11));
const memory = wave(times.length, 560, 90, 12).map((value, index) => (index > 40 && index < 56 ? null : value));
const processor = wave(times.length, 9, 5, 13);

function Charts() {
  const range = { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS };
  return (
    <>
      <Chart
        title="Answer time"
        value="104"
        unit="ms"
        says="Steady. One slow minute at 02:40, during the backup."
        timesMs={times}
        series={[{ label: 'Answer time', values: answer }]}
        formatValue={(value) => `${Math.round(value)} ms`}
        formatTick={(value) => String(Math.round(value))}
        range={range}
        syncKey="instance"
        nowLabel="now"
      />
      <Columns look="two">
        <Chart
          title="Memory"
          value="645"
          unit="of 1 024 MB"
          says="Its busiest hour needs 71 %."
          timesMs={times}
          series={[{ label: 'Memory', values: memory }]}
          limits={[{ value: 1024, label: 'plan M' }]}
          formatValue={(value) => `${Math.round(value)} MB`}
          formatTick={(value) => String(Math.round(value))}
          range={range}
          syncKey="instance"
          nowLabel="now"
          heightPx={76}
        />
        <Chart
          title="Processor"
          value="6"
          unit="% of a core"
          says="Mostly idle, as usual for a Thursday."
          timesMs={times}
          series={[
            { label: 'own', values: processor },
            { label: 'neighbours', values: processor.map((value) => value * 2.1) },
          ]}
          max={50}
          formatValue={(value) => `${Math.round(value)} %`}
          formatTick={(value) => String(Math.round(value))}
          range={range}
          syncKey="instance"
          nowLabel="now"
          heightPx={76}
        />
      </Columns>
    </>
  );
}

function Overview() {
  const [span, setSpan] = useState('24');
  const [isFollowing, setFollowing] = useState(true);
  return (
    <Stack>
      <Panel>
        <DiagnosticPath
          label="From the visitor to the application"
          checks={pathChecks.map(([title, says]) => ({ id: title, title, says, state: 'good', word: 'good' }))}
        />
      </Panel>
      <Columns>
        <Stack>
          <Panel
            title="Last 24 hours"
            look="open"
            acts={
              <Segments
                label="Span"
                size="small"
                value={span}
                onChange={setSpan}
                segments={[
                  { id: '1', text: '1 h' },
                  { id: '24', text: '24 h' },
                  { id: '168', text: '7 d' },
                ]}
              />
            }
          >
            <Stack>
              <Charts />
            </Stack>
          </Panel>
          <Panel
            title="Log"
            note="live, from Cedar"
            acts={<LogPause isFollowing={isFollowing} onFollowChange={setFollowing} pauseText="Pause" followText="Follow" />}
          >
            <LogView
              label="Log of bellweather"
              isFollowing={isFollowing}
              onFollowChange={setFollowing}
              emptyText="Nothing yet."
              lines={log.map(([time, source, text], index) => ({
                id: String(index),
                time,
                source,
                text,
                state: index === 2 ? 'warning' : undefined,
              }))}
            />
          </Panel>
        </Stack>
        <Stack>
          <Panel>
            <Facts
              facts={[
                {
                  id: 'c',
                  name: 'Customer',
                  value: (
                    <a className="link" href="#/c">
                      {'Bellweather Farm Vets'}
                    </a>
                  ),
                },
                { id: 'a', name: 'Application', value: 'Teamline 6.2.4' },
                {
                  id: 'd',
                  name: 'Disk',
                  value: (
                    <>
                      {'7.4 GB, '}
                      <RelativeTime timeMs={NOW_MS - 240_000} />
                    </>
                  ),
                  isOld: true,
                },
                {
                  id: 'l',
                  name: 'Labels',
                  value: (
                    <Row>
                      <Label>{'veterinary'}</Label>
                      <Label>{'yearly'}</Label>
                    </Row>
                  ),
                },
              ]}
            />
          </Panel>
          <Panel title="What happened here" look="open">
            <Lines
              label="What happened here"
              lines={[
                { id: '1', mark: 'good', word: 'done', text: 'Certificate renewed', end: <RelativeTime timeMs={NOW_MS - 31 * DAY_MS} /> },
                { id: '2', mark: 'good', word: 'done', text: 'Updated to 6.2.4', end: <RelativeTime timeMs={NOW_MS - DAY_MS} /> },
                {
                  id: '3',
                  mark: 'undone',
                  word: 'undone',
                  text: 'Update to 6.2.0, undone',
                  end: <RelativeTime timeMs={NOW_MS - 200 * DAY_MS} />,
                },
              ]}
            />
          </Panel>
        </Stack>
      </Columns>
    </Stack>
  );
}

export function SceneInstance() {
  const [tab, setTab] = useState('overview');
  return (
    <Frame current="instances">
      <Page>
        <PageHead
          crumbs={[{ text: 'Instances', href: '?scene=instances' }, { text: 'Bellweather Farm Vets' }]}
          crumbsLabel="Where"
          title="bellweather"
          chip={<StateChip state="good">{'Runs well'}</StateChip>}
          says={
            <Row>
              <a className="link" href="#/open">
                {'bellweather.farm.example'}
              </a>
              <CopyButton text="bellweather.farm.example" label="Copy address" copiedLabel="Copied" onCopy={copyNowhere} />
              <span className="faint">
                {'seen from outside by Oak and Pine '}
                <RelativeTime timeMs={NOW_MS - 12_000} />
              </span>
            </Row>
          }
          acts={
            <>
              <Button icon="rotate-cw" disabledReason="Restarting is off while bellweather moves to Pine, about 20 s">
                {'Restart'}
              </Button>
              <Button icon="pause">{'Suspend'}</Button>
              <Menu
                label="More acts"
                items={[
                  { id: 'h', icon: 'key-round', text: 'Hand over again', keyHint: 'H', onRun: () => undefined },
                  {
                    id: 'm',
                    icon: 'move-right',
                    text: 'Move',
                    keyHint: 'M',
                    onRun: () => undefined,
                    disabledReason: 'No other server has room',
                  },
                  { id: 'r', icon: 'trash-2', text: 'Remove', isDanger: true, onRun: () => undefined },
                ]}
              >
                <Button icon="ellipsis" label="More acts" />
              </Menu>
              <Button look="primary" icon="arrow-up-right">
                {'Open'}
              </Button>
            </>
          }
        />
        <Tabs
          label="Parts of bellweather"
          value={tab}
          onChange={setTab}
          tabs={[
            { id: 'overview', text: 'Overview', content: <Overview /> },
            { id: 'log', text: 'Log', content: <p>{'Log'}</p> },
            { id: 'history', text: 'History', content: <p>{'History'}</p> },
          ]}
        />
      </Page>
    </Frame>
  );
}
