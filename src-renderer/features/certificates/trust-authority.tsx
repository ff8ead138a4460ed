import { useState } from 'react';
import { sayFailure } from '../../lib/failure.ts';
import { likelySystem, trustSteps, trustSystems } from '../../lib/trust-steps.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segments } from '../../ui/segments.tsx';

/** The file that people are asked to trust, and the steps for each system; the likely one is open. */
export function TrustAuthority() {
  const words = useWords();
  const core = useCore();
  const host = useHost();
  const [system, setSystem] = useState(() => likelySystem(navigator.userAgent));
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
        <Segments
          label={words('certificates.authority.systems')}
          size="small"
          value={system}
          onChange={(id) => setSystem(trustSystems.find((known) => known === id) ?? 'windows')}
          segments={trustSystems.map((id) => ({ id, text: trustSteps(words, id).title }))}
        />
        <ol className="numbered">
          {trustSteps(words, system).steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </div>
    </Panel>
  );
}
