import type { Command } from '../command.ts';
import { alertCommands } from './alerts.ts';
import { commandsByRow } from './by-row.ts';
import { catalogueCommands } from './catalogue.ts';
import { certificateCommands } from './certificates.ts';
import { createInstance } from './create-instance.ts';
import { customerCommands } from './customers.ts';
import { demoCommands } from './demo.ts';
import { domainCommands } from './domains.ts';
import { findCommands } from './find.ts';
import { instanceCommands } from './instances.ts';
import { jobCommands } from './jobs.ts';
import { programCommands } from './program.ts';
import { serverCommands } from './servers.ts';
import { settingsCommands } from './settings.ts';

/** Every command of `farm`. The parser, the help and the tests read this table. */
export const commands: readonly Command[] = [
  ...programCommands,
  ...alertCommands,
  ...findCommands,
  createInstance,
  ...instanceCommands,
  ...commandsByRow('instances'),
  ...jobCommands,
  ...serverCommands,
  ...commandsByRow('servers'),
  ...customerCommands,
  ...catalogueCommands,
  ...domainCommands,
  ...commandsByRow('domains'),
  ...certificateCommands,
  ...commandsByRow('certificates'),
  ...settingsCommands,
  ...demoCommands,
];
