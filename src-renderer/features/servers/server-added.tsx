import type { ServerView } from '#contract/api/servers.ts';
import { useTitleInPlace } from '../../lib/focus-title.ts';
import { paths } from '../../lib/go-to.ts';
import { useHost } from '../../lib/use-core.ts';
import { sizeText } from '../../lib/format/size.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Button } from '../../ui/button.tsx';
import { HandOver } from '../../ui/hand-over.tsx';
import { Columns, Crumbs, Page } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Label } from '../../ui/label.tsx';
import { Row } from '../../ui/page.tsx';
import { KeyCheck } from './key-check.tsx';

type Props = {
  readonly server: ServerView;
  readonly tookMs: number;
  readonly onAnother: () => void;
  /** It was taken out again, because its words differed. */
  readonly onGone: () => void;
};

/** The server is in: is it the right one, and what does it bring? */
export function ServerAdded({ server, tookMs, onAnother, onGone }: Props) {
  const words = useWords();
  const format = useFormat();
  const host = useHost();
  const { name } = server;
  const title = words('servers.add.done.title', { name });
  useTitleInPlace(title);
  const addresses = server.publicAddresses.map(({ address }) => address).join(', ');
  return (
    <Page>
      <Crumbs
        label={words('servers.page.crumbs')}
        crumbs={[{ text: words('servers.list.title'), href: paths.servers }, { text: words('servers.add.crumb') }]}
      />
      <Columns>
        <HandOver
          title={title}
          says={words('servers.add.done.says', { duration: format.duration(tookMs) })}
          rows={
            addresses === ''
              ? []
              : [
                  {
                    id: 'addresses',
                    name: words('servers.add.done.addresses'),
                    value: addresses,
                    copyLabel: words('servers.page.copyAddress'),
                  },
                ]
          }
          copiedLabel={words('servers.page.copied')}
          acts={
            <>
              <Button look="primary" size="large" href={paths.server(name)}>
                {words('servers.add.done.open', { name })}
              </Button>
              <Button size="large" icon="plus" onClick={onAnother}>
                {words('servers.add.done.another')}
              </Button>
            </>
          }
          onCopy={host.copyText}
        >
          {server.isEdgeLocal && <p>{words('servers.page.edgeLocal', { name })}</p>}
          <KeyCheck server={server} onGone={onGone} />
        </HandOver>
        <Panel>
          <Facts
            facts={[
              {
                id: 'size',
                name: words('servers.add.done.size'),
                value: (
                  <Row>
                    {words('servers.page.fact.sizeValue', {
                      cores: Math.round(server.capacity.cpuMillicores / 100) / 10,
                      memory: sizeText(format, server.capacity.memoryBytes),
                      disk: sizeText(format, server.capacity.diskBytes),
                    })}
                    {server.isSimulated && <Label>{words('servers.list.simulated')}</Label>}
                  </Row>
                ),
              },
              { id: 'room', name: words('servers.add.done.room'), value: words('servers.add.done.roomSays', { room: server.room }) },
            ]}
          />
        </Panel>
      </Columns>
    </Page>
  );
}
