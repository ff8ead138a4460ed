import type { ServerView } from '#contract/api/servers.ts';
import { useHost } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Fold } from '../../ui/fold.tsx';
import { Row } from '../../ui/page.tsx';
import { fingerprintText } from './server-view.ts';

/** What the four words are the beginning of, for who compares with another tool. */
export function WholeKey({ server }: { server: ServerView }) {
  const words = useWords();
  const host = useHost();
  const key = fingerprintText(server.keyFingerprint);
  return (
    <Fold title={words('servers.key.whole')}>
      <Row>
        <span className="mono small">{key}</span>
        <CopyButton text={key} label={words('servers.page.copyKey')} copiedLabel={words('servers.page.copied')} onCopy={host.copyText} />
      </Row>
      <p className="small faint">{words('servers.key.wholeSays')}</p>
    </Fold>
  );
}
