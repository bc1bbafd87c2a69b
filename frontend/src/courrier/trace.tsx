import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { inWords, withTime } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Warning } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { courrierPath } from './rows.tsx';
import { fundName, texts } from './texts.ts';

export const TraceFields = graphql(`
  fragment TraceFields on CourrierTrace @_unmask {
    courrierId reference letterDate availableAt withdrawnAt withdrawalReason removedAt
    type { id label } fund { code } establishment { id name siret }
    replacedBy { id reference subject }
  }
`);

const words = texts.trace;

/** What is left of a letter that is read no more: withdrawn, and why, and by what it is replaced; or removed in its time (R-COU-13, R-COU-14). */
export function Trace({ trace, back, beneath }: { trace: ResultOf<typeof TraceFields>; back: ComponentChildren; beneath?: ComponentChildren }) {
  const { reference, letterDate, availableAt, withdrawnAt, withdrawalReason, removedAt, type, fund, establishment, replacedBy } = trace;
  return (
    <Page title={removedAt && !withdrawnAt ? words.removed : words.withdrawn} above={back} documentTitle={`${removedAt && !withdrawnAt ? words.removed : words.withdrawn}, ${reference}`}>
      <div class="notice notice-warn">
        <Warning />
        <div>
          {withdrawnAt && <p>{words.withdrawnOn(withTime(withdrawnAt))}</p>}
          {withdrawalReason && <p><strong>{words.reason}</strong> {withdrawalReason}</p>}
          {removedAt && <p>{words.removedOn(withTime(removedAt))}</p>}
          {replacedBy && <p><strong>{words.replacedBy}</strong> <Link href={courrierPath(replacedBy.id)}>{replacedBy.subject}</Link>, {replacedBy.reference}</p>}
          {withdrawnAt && !replacedBy && <p>{words.notReplaced}</p>}
        </div>
      </div>
      <section class="card" aria-labelledby="trace-facts">
        <h2 id="trace-facts">{words.facts}</h2>
        <dl class="facts facts-wide">
          <div><dt>{texts.one.reference}</dt><dd>{reference}</dd></div>
          <div><dt>{texts.one.fund}</dt><dd>{fundName(fund.code)}</dd></div>
          <div><dt>{texts.one.type}</dt><dd>{type.label}</dd></div>
          <div><dt>{texts.one.establishment}</dt><dd>{establishment.name}<br /><span class="soft">SIRET {establishment.siret}</span></dd></div>
          <div><dt>{texts.one.letterDate}</dt><dd>{inWords(letterDate)}</dd></div>
          {availableAt && <div><dt>{texts.one.depositedAt}</dt><dd>{withTime(availableAt)}</dd></div>}
        </dl>
      </section>
      <p class="soft">{words.kept}</p>
      {beneath}
    </Page>
  );
}
