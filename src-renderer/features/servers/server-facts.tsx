import type { ServerView } from '#contract/api/servers.ts';
import { keyWords } from '#words/key-words.ts';
import { useHost } from '../../lib/use-core.ts';
import { sizeText } from '../../lib/format/size.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Facts } from '../../ui/facts.tsx';
import { KeyWords } from '../../ui/key-words.tsx';
import { Label } from '../../ui/label.tsx';
import { Row } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { systemText } from './server-view.ts';
import { WholeKey } from './whole-key.tsx';

/** Below this a clock is right; the rest of the way to the limit is shown as a number. */
const CLOCK_RIGHT_MS = 1_000;

function Addresses({ server }: { server: ServerView }) {
  const words = useWords();
  if (server.publicAddresses.length === 0) return <span className="faint">{words('servers.page.fact.none')}</span>;
  return (
    <ul>
      {server.publicAddresses.map(({ address, state }) => (
        <li key={address}>
          <span className="mono">{escapeText(address)}</span>
          <span className="faint"> {words(state === 'confirmed' ? 'servers.page.fact.confirmed' : 'servers.page.fact.proposed')}</span>
        </li>
      ))}
    </ul>
  );
}

/** Under whom its instances run: as the agent tells now, or as it told when it joined. */
function Isolation({ server: { isIsolated, isolation } }: { server: ServerView }) {
  const words = useWords();
  if (!isIsolated)
    return words('servers.page.fact.notIsolated', { reason: isolation?.reason ?? 'none', path: escapeText(isolation?.path ?? '') });
  const waiting = isolation?.waiting ?? 0;
  return (
    <>
      {words('servers.page.fact.isolated')}
      {waiting > 0 && <p>{words('servers.page.fact.waiting', { waiting })}</p>}
      {isolation !== undefined && <p>{words('servers.page.fact.portsKept', { ports: isolation.ports })}</p>}
    </>
  );
}

/** How the limits of plans hold there, as its agent tells now. */
function Bounds({ bounds }: { bounds: NonNullable<ServerView['bounds']> }) {
  const words = useWords();
  const { memory, processes, cpu, files, reason, waiting } = bounds;
  return (
    <>
      <ul>
        <li>{words('servers.page.fact.bounds.memory', { hold: memory })}</li>
        <li>{words('servers.page.fact.bounds.processes', { hold: processes })}</li>
        <li>{words('servers.page.fact.bounds.cpu', { hold: cpu })}</li>
        <li>{words('servers.page.fact.bounds.files', { hold: files })}</li>
        <li>{words('servers.page.fact.bounds.disk')}</li>
      </ul>
      {reason !== 'none' && <p>{words('servers.page.fact.bounds.reason', { reason })}</p>}
      {waiting > 0 && <p>{words('servers.page.fact.bounds.waiting', { waiting })}</p>}
    </>
  );
}

function useClockText({ clockOffsetMs }: ServerView): string {
  const words = useWords();
  const format = useFormat();
  if (clockOffsetMs === undefined) return '–';
  const seconds = format.number(Math.abs(clockOffsetMs) / 1000, 2);
  if (Math.abs(clockOffsetMs) < CLOCK_RIGHT_MS) return words('servers.page.fact.clockRight', { seconds });
  return words('servers.page.fact.clockValue', { seconds, direction: clockOffsetMs > 0 ? 'ahead' : 'behind' });
}

/** What this server is, and by what its agent is known. */
export function ServerFacts({ server }: { server: ServerView }) {
  const words = useWords();
  const format = useFormat();
  const host = useHost();
  const clock = useClockText(server);
  const copy = { copiedLabel: words('servers.page.copied'), onCopy: host.copyText };
  return (
    <Panel>
      <Facts
        facts={[
          {
            id: 'address',
            name: words('servers.page.fact.address'),
            value: (
              <Row>
                <span className="mono">{server.address}</span>
                <CopyButton text={server.address} label={words('servers.page.copyAddress')} {...copy} />
              </Row>
            ),
          },
          {
            id: 'public',
            name: words('servers.page.fact.public'),
            value: (
              <>
                <Addresses server={server} />
                {server.isEdgeLocal && <p>{words('servers.page.edgeLocal', { name: server.name })}</p>}
              </>
            ),
          },
          {
            id: 'ports',
            name: words('servers.page.fact.ports'),
            value: words('servers.page.fact.portsValue', { https: String(server.httpsPort), http: String(server.httpPort) }),
          },
          {
            id: 'size',
            name: words('servers.page.fact.size'),
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
          { id: 'system', name: words('servers.page.fact.system'), value: escapeText(`${systemText(server)}, ${server.arch}`) },
          { id: 'agent', name: words('servers.page.fact.agent'), value: escapeText(server.agentVersion) },
          {
            id: 'isolation',
            name: words('servers.page.fact.isolation'),
            value: <Isolation server={server} />,
          },
          ...(server.bounds === undefined
            ? []
            : [{ id: 'bounds', name: words('servers.page.fact.bounds'), value: <Bounds bounds={server.bounds} /> }]),
          { id: 'clock', name: words('servers.page.fact.clock'), value: clock },
          {
            id: 'key',
            name: words('servers.page.fact.key'),
            value: (
              <>
                <KeyWords words={keyWords(server.keyFingerprint)} label={words('servers.key.label', { name: server.name })} look="line" />
                <WholeKey server={server} />
              </>
            ),
          },
          { id: 'joined', name: words('servers.page.fact.joined'), value: <RelativeTime timeMs={server.joinedAtMs} /> },
        ]}
      />
    </Panel>
  );
}
