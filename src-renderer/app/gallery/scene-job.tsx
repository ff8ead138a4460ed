import { Button } from '../../ui/button.tsx';
import { HandOver } from '../../ui/hand-over.tsx';
import { Columns, Page, PageHead, Stack, Crumbs } from '../../ui/page.tsx';
import { Evidence, Fold } from '../../ui/fold.tsx';
import { Lines } from '../../ui/lines.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Progress } from '../../ui/progress.tsx';
import { DiagnosticPath } from '../../ui/diagnostic-path.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Steps, type Step } from '../../ui/steps.tsx';
import { Stopwatch } from '../../ui/stopwatch.tsx';
import { Verdict } from '../../ui/verdict.tsx';
import { Frame } from './frame.tsx';
import { copyNowhere, NOW_MS } from './samples.ts';

const running: Step[] = [
  { id: '1', phase: 'done', word: 'done', title: 'Name and plan checked', duration: '0.1 s' },
  { id: '2', phase: 'done', word: 'done', title: 'Larch chosen, 512 MB and 5 GB reserved', duration: '0.1 s' },
  {
    id: '3',
    phase: 'done',
    word: 'done',
    title: 'Address leads to the farm',
    duration: '0.2 s',
    says: 'Both name servers answer 203.0.113.24 for anna.farm.example.',
  },
  { id: '4', phase: 'done', word: 'done', title: 'TiddlyWiki 5.3.8 on Larch', duration: '0.0 s', says: 'It was there already.' },
  {
    id: '5',
    phase: 'now',
    word: 'running',
    title: 'Opening the address at the edge',
    duration: '1.0 s',
    says: 'Waiting for Larch to confirm the new route. Usually under 2 s.',
  },
  { id: '6', phase: 'waiting', word: 'waiting', title: 'Seen from outside over DNS and TLS' },
  { id: '7', phase: 'waiting', word: 'waiting', title: 'First password made, ready to hand over' },
];

const stopped: Step[] = [
  { id: '1', phase: 'done', word: 'done', title: 'Name and plan checked', duration: '0.1 s' },
  { id: '2', phase: 'done', word: 'done', title: 'Teamline 6.2.4 on Rowan', duration: '11.4 s', says: '184 MB brought and checked.' },
  { id: '3', phase: 'undone', word: 'undone', title: 'Folder of marlow', duration: 'gone' },
  {
    id: '4',
    phase: 'failed',
    word: 'failed',
    title: 'Starting the application',
    duration: '40.2 s',
    says: 'Tried 3 times. It ended each time before it could answer.',
  },
  { id: '5', phase: 'paused', word: 'held', title: 'Opening the address at the edge' },
  { id: '6', phase: 'waiting', word: 'waiting', title: 'Seen from outside over DNS and TLS' },
];

export function SceneJob() {
  return (
    <Frame current="jobs">
      <Page>
        <PageHead
          crumbs={[{ text: 'Instances', href: '?scene=instances' }, { text: 'New' }]}
          crumbsLabel="Where"
          title="Creating anna"
          says="anna.farm.example, for Anna Lindqvist, on Larch"
          acts={<Button icon="undo-2">{'Stop and undo'}</Button>}
        />
        <Columns>
          <Panel>
            <div className="job-clock">
              <Stopwatch startedMs={NOW_MS - 4100} endedMs={NOW_MS} label="Time so far" />
              <p>{'Usually 5 to 7 s. You can leave this page, the job goes on.'}</p>
            </div>
            <Progress share={0.68} label="Step 5 of 7" />
            <Steps label="Steps" steps={running} />
          </Panel>
          <Stack>
            <Panel title="Why Larch" look="open">
              <p className="soft">{'41 % of its memory is free at its busiest hour, more than on any other server.'}</p>
            </Panel>
            <Panel>
              <Fold title="Evidence" isOpenAtFirst>
                <Evidence>
                  {'14:28:00.412  plan accepted\n14:28:00.608  ns1, ns2: A 203.0.113.24\n14:28:03.344  127.0.0.1:20131 → 200'}
                </Evidence>
              </Fold>
            </Panel>
          </Stack>
        </Columns>
      </Page>
    </Frame>
  );
}

export function SceneStopped() {
  return (
    <Frame current="jobs">
      <Page>
        <PageHead
          crumbs={[{ text: 'Jobs', href: '?scene=jobs' }, { text: 'Creating marlow' }]}
          crumbsLabel="Where"
          title="Creating marlow"
          chip={<StateChip state="bad">{'Stopped'}</StateChip>}
          says="marlow.farm.example, for Marlow & Sons, on Rowan. Stopped at step 6 of 9, 21 min ago."
        />
        <Columns>
          <Stack>
            <Verdict
              state="bad"
              title="Port 20114 on Rowan is already used by another program"
              why="Microsoft SQL Server Agent (SQLAGENT.EXE) took it at 14:09, after Rowan was updated. The application of marlow needs a port of its own and ended three times."
              acts={
                <>
                  <Button look="primary" size="large">
                    {'Continue with another port'}
                  </Button>
                  <Button look="danger" size="large" icon="undo-2">
                    {'Undo everything'}
                  </Button>
                </>
              }
              actsSay="Continue starts at step 6 with port 20131, which is free. The customer’s address stays the same."
              evidence={{ title: 'Evidence', content: <Evidence>{'EADDRINUSE 127.0.0.1:20114'}</Evidence> }}
            >
              <DiagnosticPath
                label="From the visitor to the application"
                checks={[
                  { id: 'n', title: 'Name', says: '203.0.113.24', state: 'good', word: 'good' },
                  { id: 'f', title: 'Firewalls', says: '443 open', state: 'good', word: 'good' },
                  { id: 'a', title: 'Application', says: 'ended 3 times', state: 'bad', word: 'broken' },
                  { id: 's', title: 'Self-check', says: 'not reached', state: 'unknown', word: 'not reached' },
                ]}
              />
            </Verdict>
            <Panel>
              <Steps label="Steps" steps={stopped} />
            </Panel>
          </Stack>
          <Panel title="What exists now" foot={<span className="small">{'Undo removes the three and shows each one gone.'}</span>}>
            <div className="panel-body">
              <Lines
                label="What exists now"
                lines={[
                  { id: '1', mark: 'good', word: 'exists', text: 'Reservation on Rowan', says: '1 GB memory, 20 GB disk' },
                  { id: '2', mark: 'paused', word: 'stopped', text: 'Service farm-marlow', says: 'stopped' },
                ]}
              />
            </div>
          </Panel>
        </Columns>
      </Page>
    </Frame>
  );
}

export function SceneHandedOver() {
  return (
    <Frame current="instances">
      <Page>
        <Crumbs label="Where" crumbs={[{ text: 'Instances', href: '?scene=instances' }, { text: 'anna' }]} />
        <Columns>
          <HandOver
            onCopy={copyNowhere}
            title="anna is ready"
            says={
              <>
                {'Created in '}
                <b>{'5.6 s'}</b>
                {'. Oak and Pine opened the address from outside just now.'}
              </>
            }
            rows={[
              {
                id: 'a',
                name: 'Address',
                value: 'https://anna.farm.example',
                href: 'https://anna.farm.example',
                copyLabel: 'Copy the address',
              },
              { id: 'n', name: 'Sign-in name', value: 'anna', copyLabel: 'Copy the name' },
              { id: 'p', name: 'First password', value: 'fern-lake-7-harbour-oat', copyLabel: 'Copy the password' },
            ]}
            copiedLabel="Copied"
            once="The password is shown once and not kept. Anna chooses her own at the first sign-in."
            acts={
              <>
                <Button look="primary" size="large" icon="copy">
                  {'Copy all for Anna'}
                </Button>
                <Button size="large" icon="arrow-up-right">
                  {'Open the address'}
                </Button>
              </>
            }
            leave={
              <Button look="bare" size="large">
                {'Done'}
              </Button>
            }
          />
          <Panel title="Proof" look="open">
            <Lines
              label="Proof"
              lines={[
                { id: '1', mark: 'good', word: 'good', text: 'Name', end: '203.0.113.24' },
                { id: '2', mark: 'good', word: 'good', text: 'Certificate', end: '71 days left' },
              ]}
            />
          </Panel>
        </Columns>
      </Page>
    </Frame>
  );
}
