import { Fragment } from 'react';
import type { DomainInspection, DomainView } from '#contract/api/domains.ts';
import type { Failure } from '#contract/errors.ts';
import type { Translate } from '#words/translate.ts';
import { zoneFindings } from '#words/zone-findings.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { type Line, Lines } from '../../ui/lines.tsx';
import { Panel, PanelBody } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { WildcardAct } from './keep-wildcard.tsx';

/** An answer is good for so long; the name server is not asked again each time somebody comes back to the page. */
const FRESH_MS = 60_000;

function linesOf(words: Translate, domain: DomainView, inspection: DomainInspection): Line[] {
  return zoneFindings({ words, domain: domain.name, inspection, safe: escapeText }).map(({ id, mark, title, says }) => ({
    id,
    mark,
    word: words(`common.state.${mark}`),
    text: title,
    ...(says.length > 0 && {
      says: says.map((sentence, index) => (
        <Fragment key={sentence}>
          {index > 0 && <br />}
          {sentence}
        </Fragment>
      )),
    }),
  }));
}

/** The sentence for jobs says to continue; here there is only somebody to ask again. */
function whyNot(words: Translate, failure: Failure): string {
  if (failure.code !== 'DNS_SLOW') return sayFailure(words, failure);
  const { server = '', seconds = 0 } = failure.parameters;
  return words('domains.zone.slow', { server: escapeText(String(server)), seconds: Number(seconds) });
}

/** What stands in the domain's zone, asked when the panel is opened: whose the wildcard is, what hides it, what is amiss, and what would be better. */
export function DomainZone({ domain }: { domain: DomainView }) {
  const words = useWords();
  const asked = useQuery(`domains.inspect.${domain.id}`, (core, options) => core.domains.inspect({ domainId: domain.id }, options), {
    freshMs: FRESH_MS,
  });
  const again = (
    <Button look="bare" size="small" icon="rotate-cw" isBusy={asked.isLoading} onClick={asked.refresh}>
      {words('domains.zone.again')}
    </Button>
  );
  if (asked.data === undefined) {
    if (asked.failure === undefined) return <SkeletonRows label={words('domains.zone.loading')} widths={[64, 40]} />;
    return (
      <Banner state="unknown" title={words('domains.zone.failed')} acts={again}>
        {whyNot(words, asked.failure)}
      </Banner>
    );
  }
  const isAdvised = asked.data.advice.code === 'wildcard-would-do';
  return (
    <Panel
      title={words('domains.zone.title')}
      headingLevel={3}
      note={
        <>
          {words('domains.page.checked')} <RelativeTime timeMs={asked.data.askedAtMs} />
        </>
      }
      acts={again}
      {...((domain.wildcard !== undefined || isAdvised) && {
        foot: <WildcardAct domain={domain} isAdvised={isAdvised} isAmiss={asked.data.differenceCount > 0} />,
      })}
    >
      <PanelBody>
        {domain.wildcard?.isRelied === false && (
          <Banner state="warning" title={words('domains.wildcard.unfinished', { wildcard: domain.wildcard.name })}>
            {words('domains.wildcard.unfinished.says')}
          </Banner>
        )}
        {asked.failure !== undefined && <p className="small faint">{whyNot(words, asked.failure)}</p>}
        <Lines label={words('domains.zone.title')} lines={linesOf(words, domain, asked.data)} />
      </PanelBody>
    </Panel>
  );
}
