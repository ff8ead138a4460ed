import { Button } from '../../ui/button.tsx';
import { FieldLegend, FieldMap } from '../../ui/field-map.tsx';
import { Figures } from '../../ui/figures.tsx';
import { Page, PageHead, SectionHead } from '../../ui/page.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Spark } from '../../ui/spark.tsx';
import { AlertList, AlertRow } from '../../ui/alert-list.tsx';
import { Frame } from './frame.tsx';
import { farm, groups, manyPlots, NOW_MS, plots, wave } from './samples.ts';

/* What the screens say of the alerts of the farm, in their order. */
const alerts = [
  [
    'bad',
    'Down',
    'Kestrel Dental cannot work',
    'The application on Elm used up its 1 024 MB and was stopped by Windows 3 times.',
    'Give it plan L',
  ],
  [
    'bad',
    'Job stopped',
    'Creating marlow stopped at step 6 of 9',
    'Port 20114 on Rowan is already used by SQLAGENT.EXE. Nothing is lost, nothing is half open.',
    'Continue or undo',
  ],
  [
    'warning',
    'Disk fills up',
    'Hazel has 21 GB of disk left, 9 %',
    'It grows by 4.4 GB a day and is full on Tuesday. Olivia Brandt Studio is slow because of it.',
    'See what takes room',
  ],
  [
    'warning',
    'Not renewed',
    '*.farm.example is valid for 6 more days',
    'The name server ns2.farm.example refuses the change. Next try at 18:00.',
    'Repair renewal',
  ],
] as const;

const wellCount = farm.instances.filter(({ condition }) => condition.mark === 'good').length;

export function SceneDesk({ isLarge }: { isLarge: boolean }) {
  return (
    <Frame current="desk">
      <Page>
        <PageHead
          title={`${farm.alerts.length} things need attention`}
          says={`${wellCount} of ${farm.instances.length} instances run well. Thursday, 12 November, 14:32.`}
          acts={
            <Button look="primary" icon="plus" keyHint="N">
              {'New instance'}
            </Button>
          }
        />
        <AlertList label="Needs attention">
          {alerts.map(([state, word, title, cause, act], index) => (
            <AlertRow
              key={title}
              state={state}
              word={word}
              title={title}
              href="#/alert"
              age={<RelativeTime timeMs={farm.alerts[index]?.sinceMs ?? NOW_MS} vantagePoint="by Oak" />}
              cause={cause}
              act={<Button>{act}</Button>}
            />
          ))}
        </AlertList>
        <SectionHead
          title="The farm at a glance"
          says={
            isLarge
              ? `${manyPlots.length} servers, ${manyPlots.reduce((sum, { cells }) => sum + cells.length, 0)} instances`
              : 'instances and memory in use'
          }
          acts={
            <FieldLegend
              items={[
                { state: 'good', text: 'Runs well' },
                { state: 'working', text: 'Working' },
                { state: 'warning', text: 'Warning' },
                { state: 'bad', text: 'Bad' },
                { state: 'paused', text: 'Paused' },
                { state: 'room', text: 'Room for one more of plan S' },
              ]}
            />
          }
        />
        <div className="stack">
          <FieldMap label="The farm at a glance" plots={isLarge ? manyPlots : plots} groups={isLarge ? groups : []} />
          <Figures
            figures={[
              {
                id: 'a',
                title: 'Answer time',
                value: '86',
                unit: 'ms',
                says: 'Median of all instances, seen from outside. 95 % under 240 ms.',
                spark: <Spark values={wave(96, 60, 20, 5)} label="Median answer time, last 24 hours: 70 to 104 milliseconds" />,
              },
              {
                id: 'b',
                title: 'Room left',
                value: '51',
                unit: 'instances of plan S',
                says: 'The farm still carries everyone if any one server fails.',
              },
              {
                id: 'c',
                title: 'Backups',
                value: '209',
                unit: 'of 209 last night',
                says: 'Suspended and new ones wait. A trial restore of clover worked.',
              },
              {
                id: 'd',
                title: 'Today',
                value: '4',
                unit: 'created, 1 removed',
                says: 'A new instance took 5.8 s on average, address tested.',
              },
            ]}
          />
        </div>
      </Page>
    </Frame>
  );
}
