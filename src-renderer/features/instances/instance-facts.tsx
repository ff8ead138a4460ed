import type { InstanceView } from '#contract/api/instances.ts';
import { nameIn } from '#contract/localized-text.ts';
import { paths } from '../../lib/go-to.ts';
import { sizeText } from '../../lib/format/size.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { escapeText } from '../../ui/escape-text.ts';
import { Facts } from '../../ui/facts.tsx';
import { Label } from '../../ui/label.tsx';
import { Row } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

export function InstanceFacts({ instance, isOld }: { instance: InstanceView; isOld: boolean }) {
  const words = useWords();
  const format = useFormat();
  const none = <span className="faint">{words('instances.page.fact.none')}</span>;
  const of = (used: number | undefined, size: number) =>
    words('instances.page.fact.of', { used: format.bytes(used), size: sizeText(format, size) });
  const { customer, server, labels } = instance;
  return (
    <Panel>
      <Facts
        facts={[
          { id: 'customer', name: words('instances.page.fact.customer'), value: customer === undefined ? none : escapeText(customer.name) },
          {
            id: 'package',
            name: words('instances.page.fact.package'),
            value: `${nameIn(words.language, instance.package)} ${instance.package.version}`,
          },
          {
            id: 'plan',
            name: words('instances.page.fact.plan'),
            value: (
              <>
                {instance.plan.key}{' '}
                <span className="faint">
                  {sizeText(format, instance.limits.memoryBytes)}, {sizeText(format, instance.limits.diskBytes)}
                </span>
              </>
            ),
          },
          {
            id: 'server',
            name: words('instances.page.fact.server'),
            value:
              server === undefined ? (
                none
              ) : (
                <a className="link" href={paths.server(server.name)}>
                  {server.name}
                </a>
              ),
          },
          { id: 'memory', name: words('instances.page.fact.memory'), value: of(instance.memoryBytes, instance.limits.memoryBytes), isOld },
          { id: 'disk', name: words('instances.page.fact.disk'), value: of(instance.diskBytes, instance.limits.diskBytes), isOld },
          ...(instance.startedAtMs === undefined
            ? []
            : [
                { id: 'running', name: words('instances.page.fact.running'), value: <RelativeTime timeMs={instance.startedAtMs} />, isOld },
              ]),
          {
            id: 'restarts',
            name: words('instances.page.fact.restarts'),
            value: words('instances.page.fact.restartsValue', { count: instance.restarts }),
          },
          { id: 'created', name: words('instances.page.fact.created'), value: <RelativeTime timeMs={instance.createdAtMs} /> },
          {
            id: 'password',
            name: words('instances.page.fact.password'),
            value: words(instance.isPasswordHandedOver ? 'instances.page.fact.password.done' : 'instances.page.fact.password.waiting'),
          },
          ...(labels.length === 0
            ? []
            : [
                {
                  id: 'labels',
                  name: words('instances.page.fact.labels'),
                  value: (
                    <Row>
                      {labels.map((label) => (
                        <Label key={label}>{escapeText(label)}</Label>
                      ))}
                    </Row>
                  ),
                },
              ]),
        ]}
      />
    </Panel>
  );
}
