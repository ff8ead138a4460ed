import { type ReactNode, useState } from 'react';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Check } from '../../ui/check.tsx';
import { CodeBox } from '../../ui/code-box.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Facts } from '../../ui/facts.tsx';
import { FieldLegend } from '../../ui/field-map.tsx';
import { FilterButton } from '../../ui/filter-bar.tsx';
import { Label } from '../../ui/label.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Palette } from '../../ui/palette.tsx';
import { Page, PageHead, Row, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { Segments } from '../../ui/segments.tsx';
import { SettingRow } from '../../ui/setting-row.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { Spark } from '../../ui/spark.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { SmallSelect } from '../../ui/select-field.tsx';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { copyNowhere, NOW_MS, wave } from './samples.ts';

const states = [
  ['good', 'Running'],
  ['working', 'Moving'],
  ['warning', 'Slow'],
  ['bad', 'Down'],
  ['paused', 'Suspended'],
  ['unknown', 'Not seen for 4 min'],
] as const;

function Spec({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="h">{title}</h2>
      <Stack>{children}</Stack>
    </section>
  );
}

function Wrap({ children }: { children: ReactNode }) {
  return <div className="gallery-wrap">{children}</div>;
}

function Small() {
  const [view, setView] = useState('all');
  const [isOn, setOn] = useState(true);
  return (
    <>
      <Spec title="Buttons">
        <Wrap>
          <Button look="primary" keyHint="Enter">
            {'Create anna'}
          </Button>
          <Button icon="rotate-cw">{'Restart'}</Button>
          <Button look="bare">{'Cancel'}</Button>
          <Button look="danger">{'Remove anna'}</Button>
          <Button look="danger-solid">{'Remove beacon'}</Button>
        </Wrap>
        <Wrap>
          <Button icon="rotate-cw" disabledReason="Restarting is off while anna moves to Pine, about 20 s.">
            {'Restart'}
          </Button>
          <Button look="primary" isBusy>
            {'Creating'}
          </Button>
          <Button size="small">{'Small'}</Button>
          <Button icon="ellipsis" label="More" />
          <CopyButton text="text" label="Copy" copiedLabel="Copied" onCopy={copyNowhere} />
        </Wrap>
      </Spec>
      <Spec title="States">
        <Wrap>
          {states.map(([state, word]) => (
            <StateChip key={state} state={state}>
              {word}
            </StateChip>
          ))}
        </Wrap>
        <Wrap>
          {states.map(([state, word]) => (
            <StateChip key={state} state={state} look="plain">
              {word}
            </StateChip>
          ))}
        </Wrap>
        <Wrap>
          {states.map(([state, word]) => (
            <StateChip key={state} state={state} look="small">
              {word}
            </StateChip>
          ))}
        </Wrap>
      </Spec>
      <Spec title="Field">
        <TextField
          label="Name"
          value="kestrel"
          onChange={() => undefined}
          suffix=".farm.example"
          says={{ state: 'bad', text: 'Taken by Kestrel Dental' }}
        />
        <TextField
          label="Name"
          value="kestrel-2"
          onChange={() => undefined}
          suffix=".farm.example"
          says={{ state: 'working', text: 'Asking both name servers' }}
        />
        <Check label="Tell the customer" value={isOn} onChange={setOn} />
      </Spec>
      <Spec title="Bars">
        <Segments
          label="View"
          value={view}
          onChange={setView}
          segments={[
            { id: 'all', text: 'All', count: '212' },
            { id: 'attention', text: 'Attention', count: '3' },
          ]}
        />
        <Wrap>
          <FilterButton icon="server" text="Server" isOn={false} />
          <FilterButton icon="circle-dashed" text="State is Slow" isOn clear={{ label: 'Clear State', onClear: () => undefined }} />
          <Label>{'veterinary'}</Label>
        </Wrap>
      </Spec>
      <Spec title="Small drawings">
        <Wrap>
          <Spark values={wave(72, 40, 20, 3)} label="quiet" />
          <Spark values={wave(72, 40, 4, 4).map((value, index) => value + index)} state="warning" label="rising" />
        </Wrap>
        <Wrap>
          <Meter now={0.58} reserved={0.71} peak={0.74} label="58 % in use, 71 % promised, 74 % at its busiest hour" />
          <Meter now={0.97} state="bad" label="97 %" />
        </Wrap>
        <FieldLegend
          items={[
            { state: 'good', text: 'Runs well' },
            { state: 'working', text: 'Working' },
            { state: 'bad', text: 'Bad' },
            { state: 'unknown', text: 'Not known' },
            { state: 'room', text: 'Room' },
          ]}
        />
      </Spec>
      <Spec title="Old data">
        <Panel>
          <Facts
            facts={[
              {
                id: 'm',
                name: 'Memory',
                value: (
                  <>
                    {'645 MB '}
                    <span className="faint">
                      <RelativeTime timeMs={NOW_MS - 2000} />
                    </span>
                  </>
                ),
              },
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
                id: 's',
                name: 'State',
                value: (
                  <StateChip state="unknown" look="plain">
                    {'Not seen for 4 min'}
                  </StateChip>
                ),
              },
            ]}
          />
        </Panel>
      </Spec>
    </>
  );
}

function Large({ onDialog }: { onDialog: () => void }) {
  return (
    <>
      <Spec title="Banner">
        <Banner state="warning" title="Elm’s clock is 4 min late" acts={<Button>{'Set the clock'}</Button>}>
          {'Certificates may be refused.'}
        </Banner>
        <Banner state="unknown" title="No network since 08:14" acts={<Button>{'Look at them'}</Button>}>
          {'You see what was last measured. 2 changes wait to be sent.'}
        </Banner>
      </Spec>
      <Spec title="Empty">
        <Panel look="bare">
          <EmptyState
            mark={{ icon: 'layers' }}
            title="No instances yet"
            act={
              <Button look="primary" icon="plus">
                {'New instance'}
              </Button>
            }
          >
            {'An instance is one customer’s application at an address of its own. The first takes about six seconds.'}
          </EmptyState>
        </Panel>
      </Spec>
      <Spec title="A quiet day">
        <Panel look="bare">
          <EmptyState mark={{ state: 'good' }} title="All is well">
            {'212 of 212 instances run well.'}
          </EmptyState>
        </Panel>
      </Spec>
      <Spec title="Secrets and codes">
        <CodeBox
          text="curl -fsSL https://203.0.113.24:8444/join | sh -s -- 7K4Q-2M9X-PW3D"
          copyLabel="Copy the line"
          copiedLabel="Copied"
          onCopy={copyNowhere}
        />
        <SecretField
          label="Recovery key"
          value="fern-lake-7-harbour-oat"
          goneText="Shown once."
          reveal={{ showLabel: 'Show', hideLabel: 'Hide' }}
          copyLabel="Copy"
          copiedLabel="Copied"
          onCopy={copyNowhere}
        />
        <SecretField
          label="Recovery key"
          value={null}
          goneText="This key was shown once and is not kept."
          copyLabel="Copy"
          copiedLabel="Copied"
          onCopy={copyNowhere}
        />
      </Spec>
      <Spec title="Waiting for data">
        <Panel>
          <SkeletonRows label="Fetching the log of Cedar" />
        </Panel>
      </Spec>
      <Spec title="Menu and dialog">
        <Row>
          <Menu
            label="Acts"
            items={[
              { id: 'o', icon: 'arrow-up-right', text: 'Open', keyHint: 'O', onRun: () => undefined },
              { id: 'm', icon: 'move-right', text: 'Move', onRun: () => undefined, disabledReason: 'No other server has room' },
              { id: 'r', icon: 'trash-2', text: 'Remove', isDanger: true, onRun: onDialog },
            ]}
          >
            <Button>{'Acts'}</Button>
          </Menu>
          <Button look="danger" onClick={onDialog}>
            {'Remove beacon'}
          </Button>
        </Row>
      </Spec>
    </>
  );
}

function Settings() {
  const [theme, setTheme] = useState('system');
  const [language, setLanguage] = useState('en');
  const [isOn, setOn] = useState(false);
  return (
    <Spec title="Settings">
      <Panel look="bare">
        <SettingRow title="Colours" says="Follows Windows unless you choose.">
          <Segments
            label="Colours"
            value={theme}
            onChange={setTheme}
            segments={[
              { id: 'system', text: 'Like Windows' },
              { id: 'light', text: 'Light' },
              { id: 'dark', text: 'Dark' },
            ]}
          />
        </SettingRow>
        <SettingRow title="Language" says="Words, numbers and dates.">
          <SmallSelect
            label="Language"
            value={language}
            onChange={setLanguage}
            options={[
              { id: 'en', text: 'English' },
              { id: 'ru', text: 'Русский' },
            ]}
          />
        </SettingRow>
        <SettingRow title="Movement" says="Turning marks stand still.">
          <Switch label="Movement" isOn={isOn} onChange={setOn} />
        </SettingRow>
      </Panel>
    </Spec>
  );
}

export function SceneParts({ opens }: { opens: 'dialog' | 'palette' | null }) {
  const [isDialog, setDialog] = useState(opens === 'dialog');
  const [isPalette, setPalette] = useState(opens === 'palette');
  const [query, setQuery] = useState('kest');
  return (
    <main className="main">
      <Page>
        <PageHead
          title="Components"
          says="Every part in its states."
          acts={
            <Button look="primary" onClick={() => setPalette(true)}>
              {'Search or act'}
            </Button>
          }
        />
        <div className="gallery-grid">
          <Small />
          <Large onDialog={() => setDialog(true)} />
        </div>
        <Settings />
      </Page>
      <ConfirmDialog
        isOpen={isDialog}
        onClose={() => setDialog(false)}
        onConfirm={() => setDialog(false)}
        title="Remove beacon?"
        confirmText="Remove beacon"
        keepText="Keep it"
        isDanger
        typed={{ label: 'Type beacon to remove it', name: 'beacon', reason: 'The name is not typed yet' }}
      >
        {'Beacon Yachting can no longer sign in at beacon.farm.example. Data and address are kept until 26 November.'}
      </ConfirmDialog>
      <Palette
        isOpen={isPalette}
        onClose={() => setPalette(false)}
        query={query}
        onQueryChange={setQuery}
        label="Search or act"
        placeholder="Search or act"
        emptyText="Nothing by that name."
        escapeKey="Esc"
        groups={[
          {
            id: 'found',
            title: 'Found',
            items: [
              {
                id: '1',
                icon: 'layers',
                text: 'kestrel',
                note: (
                  <StateChip state="bad" look="small">
                    {'Down'}
                  </StateChip>
                ),
                onRun: () => undefined,
              },
              { id: '2', icon: 'user', text: 'Kestrel Dental', note: 'customer, 1 instance', onRun: () => undefined },
            ],
          },
          {
            id: 'do',
            title: 'Do with kestrel',
            items: [
              { id: '3', icon: 'stethoscope', text: 'Find out why it is down', keyHint: 'D', onRun: () => undefined },
              { id: '4', icon: 'rotate-cw', text: 'Restart', note: '4 s without answer', keyHint: 'R', onRun: () => undefined },
            ],
          },
        ]}
        hints={[
          { keys: ['↑', '↓'], text: 'choose' },
          { keys: ['Enter'], text: 'open' },
          { keys: ['Tab'], text: 'acts' },
        ]}
      />
    </main>
  );
}
