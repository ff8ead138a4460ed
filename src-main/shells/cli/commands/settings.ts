import type { FarmView } from '#contract/api/settings.ts';
import type { Call, Command } from '../command.ts';
import { facts } from '../columns.ts';
import { oneOf } from '../parse.ts';
import { hostTimeZone } from '../../speech.ts';

const area = 'settings';

function farmFacts({ t }: Pick<Call, 't'>, farm: FarmView | undefined): string[] {
  if (farm === undefined) return [t('cli.settings.noFarm')];
  return facts([
    [t('cli.field.farm'), farm.isDemo ? `${farm.name} (${t('cli.settings.demo')})` : farm.name],
    [t('cli.field.domain'), farm.defaultDomain],
    [t('cli.field.language'), farm.language],
    [t('cli.field.timeZone'), farm.timeZone],
    [t('cli.field.id'), farm.id],
  ]);
}

const show: Command = {
  kind: 'call',
  area,
  verb: 'show',
  summary: 'cli.settings.show',
  run: async ({ client, t }) => {
    const answer = await client.settings.get();
    const keepers = answer.keepers.filter((keeper) => keeper.holds).map((keeper) => t(`cli.settings.keeper.${keeper.kind}`));
    return {
      json: answer,
      lines: [
        ...farmFacts({ t }, answer.farm),
        ...facts([
          [t('cli.field.home'), answer.home],
          [t('cli.field.version'), answer.version],
          [t('cli.field.keepers'), keepers.join(', ')],
          [t('cli.field.store'), `${answer.store.kind} ${answer.store.migration}`],
        ]),
      ],
    };
  },
};

const farmOptions = {
  'farm-language': { type: 'string', value: 'en|ru', summary: 'cli.settings.farmLanguage' },
  'time-zone': { type: 'string', value: 'ZONE', summary: 'cli.settings.timeZone' },
} as const;

const startFarm: Command = {
  kind: 'call',
  area,
  verb: 'start-farm',
  summary: 'cli.settings.startFarm',
  arguments: [{ name: 'name' }],
  options: farmOptions,
  run: async ({ client, typed, t, requestKey }) => {
    const farm = await client.settings.startFarm({
      requestKey,
      name: typed.argument('name'),
      language: oneOf(typed, 'farm-language', ['en', 'ru']) ?? t.language,
      timeZone: typed.text('time-zone') ?? hostTimeZone(),
    });
    return { json: { farm }, lines: farmFacts({ t }, farm) };
  },
};

const update: Command = {
  kind: 'call',
  area,
  verb: 'update',
  summary: 'cli.settings.update',
  options: { name: { type: 'string', value: 'NAME', summary: 'cli.settings.farmName' }, ...farmOptions },
  run: async ({ client, typed, t, requestKey }) => {
    const [name, language, timeZone] = [typed.text('name'), oneOf(typed, 'farm-language', ['en', 'ru']), typed.text('time-zone')];
    const farm = await client.settings.update({
      requestKey,
      ...(name === undefined ? {} : { name }),
      ...(language === undefined ? {} : { language }),
      ...(timeZone === undefined ? {} : { timeZone }),
    });
    return { json: { farm }, lines: farmFacts({ t }, farm) };
  },
};

export const settingsCommands: readonly Command[] = [show, startFarm, update];
