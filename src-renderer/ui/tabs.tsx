import { Tabs as MantineTabs } from '@mantine/core';
import type { ReactNode } from 'react';
import './styles/tabs.css';

export interface Tab {
  id: string;
  text: ReactNode;
  content: ReactNode;
}

export interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  value: string;
  onChange: (id: string) => void;
}

/* Parts of one object. Only the open one is mounted. */
export function Tabs({ label, tabs, value, onChange }: TabsProps) {
  return (
    <MantineTabs
      value={value}
      onChange={(next) => next !== null && onChange(next)}
      keepMounted={false}
      unstyled
      classNames={{ list: 'tabs', tab: 'tab' }}
    >
      <MantineTabs.List aria-label={label}>
        {tabs.map((tab) => (
          <MantineTabs.Tab key={tab.id} value={tab.id}>
            {tab.text}
          </MantineTabs.Tab>
        ))}
      </MantineTabs.List>
      {tabs.map((tab) => (
        <MantineTabs.Panel key={tab.id} value={tab.id}>
          {tab.content}
        </MantineTabs.Panel>
      ))}
    </MantineTabs>
  );
}
