import { useState } from 'react';
import { sayFailure } from '../../lib/failure.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useTrustGuide } from '../../lib/use-trust-guide.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Guide } from '../../ui/guide.tsx';
import { Panel } from '../../ui/panel.tsx';

/** The file that people are asked to trust, and the steps for each system; the likely one is open. */
export function TrustAuthority() {
  const words = useWords();
  const core = useCore();
  const host = useHost();
  const guide = useTrustGuide();
  const [saved, setSaved] = useState<string>();
  const save = useCall(async (_key) => {
    const file = await core.certificates.siteAuthority();
    if (await host.saveFile(file.fileName, file.mediaType, file.text)) setSaved(file.fileName);
    return file;
  });
  return (
    <Panel title={words('certificates.authority.title')} look="open">
      <div className="stack">
        <p className="soft">{words('certificates.authority.says')}</p>
        <div className="row">
          <Button icon="download" isBusy={save.isBusy} onClick={() => void save.run()}>
            {words('certificates.authority.download')}
          </Button>
          <span className="faint" role="status">
            {saved !== undefined && words('certificates.authority.done', { file: saved })}
          </span>
        </div>
        {save.failure !== undefined && <Banner state="bad" title={sayFailure(words, save.failure)} />}
        <Guide {...guide} />
      </div>
    </Panel>
  );
}
