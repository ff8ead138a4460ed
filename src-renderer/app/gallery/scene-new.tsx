import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { ChangesList } from '../../ui/changes-list.tsx';
import { ChoiceCards } from '../../ui/choice-cards.tsx';
import { FormField } from '../../ui/form-field.tsx';
import { Meter, MeterLegend } from '../../ui/meter.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { Reasons } from '../../ui/reasons.tsx';
import { SelectField } from '../../ui/select-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Wizard, WizardAfter } from '../../ui/wizard.tsx';
import { Frame } from './frame.tsx';

const changes = [
  ['globe', 'No new DNS record', '*.farm.example already leads every name to the farm.'],
  ['shield-check', 'No new certificate', '*.farm.example covers it, 71 days left.'],
  ['server', 'On Larch', '512 MB and 5 GB are reserved. One folder, one service, one local port.'],
  ['route', 'At the edge', 'A route from anna.farm.example to the new service.'],
  ['archive', 'Every night at 02:40', 'A backup to Spruce, kept for 14 days.'],
] as const;

export function SceneNew() {
  const [name, setName] = useState('anna');
  const [application, setApplication] = useState('tiddlywiki');
  const [plan, setPlan] = useState('s');
  const [server, setServer] = useState('larch');
  const [language, setLanguage] = useState('en');
  return (
    <Frame current="instances">
      <Page width="bare">
        <Wizard
          sideTitle="What will change"
          side={
            <>
              <ChangesList label="What will change" changes={changes.map(([icon, title, says]) => ({ id: title, icon, title, says }))} />
              <WizardAfter title="Larch with anna" value="51 % of 32 GB promised">
                <Meter now={0.41} reserved={0.51} peak={0.59} isWide label="41 % in use, 51 % promised, 59 % at the busiest hour" />
                <MeterLegend now="now 41 %" reserved="promised 51 %" peak="busiest 59 %" />
              </WizardAfter>
            </>
          }
          foot={
            <>
              <p>{'Takes about 6 s. The address is opened from outside before you see green.'}</p>
              <div className="row">
                <Button look="primary" size="large" type="submit" keyHint="Enter">
                  {'Create anna'}
                </Button>
                <Button look="bare" size="large">
                  {'Cancel'}
                </Button>
              </div>
              <p className="small faint">{'What you typed is kept as a draft.'}</p>
            </>
          }
          onSubmit={() => undefined}
        >
          <PageHead crumbs={[{ text: 'Instances', href: '?scene=instances' }, { text: 'New' }]} crumbsLabel="Where" title="New instance" />
          <TextField
            label="Name"
            value={name}
            onChange={setName}
            suffix=".farm.example"
            says={
              name === 'kestrel'
                ? { state: 'bad', text: 'Taken by Kestrel Dental' }
                : { state: 'good', text: `https://${name}.farm.example is free` }
            }
          />
          <TextField label="Customer" note="optional" icon="user" value="Anna Lindqvist" onChange={() => undefined} suffix="new customer" />
          <SelectField
            label="Language of the letter"
            value={language}
            onChange={setLanguage}
            options={[
              { id: 'en', text: 'English' },
              { id: 'ru', text: 'Русский' },
            ]}
          />
          <FormField label="Application" kind="group">
            {({ labelId }) => (
              <ChoiceCards
                labelledBy={labelId}
                value={application}
                onChange={setApplication}
                choices={[
                  { id: 'tiddlywiki', icon: 'square-pen', title: 'TiddlyWiki', says: 'Notebook, 5.3.8' },
                  { id: 'node-red', icon: 'cable', title: 'Node-RED', says: 'Automation, 4.1.2' },
                  { id: 'teamline', icon: 'users', title: 'Teamline', says: 'Group work, 6.2.4' },
                ]}
              />
            )}
          </FormField>
          <FormField label="Plan" kind="group">
            {({ labelId }) => (
              <ChoiceCards
                labelledBy={labelId}
                value={plan}
                onChange={setPlan}
                choices={[
                  { id: 's', title: 'S', says: '512 MB memory\n5 GB disk' },
                  { id: 'm', title: 'M', says: '1 GB memory\n20 GB disk' },
                  { id: 'l', title: 'L', says: '2 GB memory\n60 GB disk', isOff: true },
                ]}
              />
            )}
          </FormField>
          <FormField label="Server" note="measured 4 s ago" kind="group">
            {({ labelId }) => (
              <Reasons
                labelledBy={labelId}
                value={server}
                onChange={setServer}
                reasons={[
                  {
                    id: 'larch',
                    name: 'Larch',
                    says: 'Best: 41 % of memory is free at its busiest hour, and the package is already there.',
                  },
                  { id: 'pine', name: 'Pine', says: 'Good too: 37 % free at its busiest hour.' },
                  { id: 'maple', name: 'Maple', says: 'Fits, but its busy hour is the same as this customer’s, 9 to 10.' },
                  { id: 'willow', name: 'Willow', says: 'No: it is being emptied for maintenance.', notBecause: 'paused' },
                  { id: 'elm', name: 'Elm', says: 'No: it would not carry Birch’s customers if Birch failed.', notBecause: 'warning' },
                ]}
              />
            )}
          </FormField>
        </Wizard>
      </Page>
    </Frame>
  );
}
