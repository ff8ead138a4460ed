import type { InstanceView } from '#contract/api/instances.ts';
import type { Translate } from '#words/translate.ts';
import type { IconName } from '../../ui/icon-drawings.tsx';
import type { MenuItem } from '../../ui/menu.tsx';
import { actsOf, type InstanceAct, whyNot } from './instance-acts.ts';

export const actIcons: Record<InstanceAct, IconName> = {
  restart: 'rotate-cw',
  start: 'arrow-right',
  stop: 'x',
  suspend: 'pause',
  resume: 'arrow-right',
  remove: 'trash-2',
};

/** The entries of an instance's menu; what is off stays, with its reason. */
export function actItems(words: Translate, instance: InstanceView, ask: (act: InstanceAct, instance: InstanceView) => void): MenuItem[] {
  return actsOf(instance).map((act) => ({
    id: act,
    icon: actIcons[act],
    text: words(`instances.act.${act}`),
    isDanger: act === 'remove',
    disabledReason: whyNot(words, instance, act),
    onRun: () => ask(act, instance),
  }));
}
