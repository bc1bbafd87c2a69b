import { useClient } from '@urql/preact';
import { Link } from 'wouter-preact';
import type { ComponentChildren } from 'preact';
import { sameOriginPath } from '../address.ts';
import { inWords, withTime } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Warning } from '../ui/icons.tsx';
import { CapacityFields, inCapacity } from './reader.ts';
import { courrierPath, Due } from './rows.tsx';
import { fundName, texts } from './texts.ts';

export const FactsFields = graphql(`
  fragment FactsFields on Courrier @_unmask {
    id reference fiscalYear letterDate depositedAt dueOn calendarUrl sentByPost withdrawnAt withdrawalReason
    type { id label } fund { code label } establishment { id name siret }
    firstReadAt firstReadBy { id firstName lastName } firstReadThrough { ...CapacityFields }
    acknowledgementRequired acknowledgedAt acknowledgedBy { id firstName lastName } acknowledgedThrough { ...CapacityFields }
    replaces { id reference subject } replacedBy { id reference subject }
    document { sha256 }
  }
`, [CapacityFields]);

const words = texts.one;

/** What the letter is: who sent it to whom, when, about what. */
export function Facts({ courrier }: { courrier: ResultOf<typeof FactsFields> }) {
  const { fund, firstReadBy, acknowledgedBy } = courrier;
  const name = fundName(fund.code);
  const reader = firstReadBy ? inCapacity(firstReadBy, courrier.firstReadThrough) : '';
  const acknowledger = acknowledgedBy ? inCapacity(acknowledgedBy, courrier.acknowledgedThrough) : '';
  return (
    <section class="card" aria-labelledby="letter-facts">
      <h2 id="letter-facts">{words.facts}</h2>
      {courrier.withdrawnAt && <p class="notice notice-warn"><Warning /> <span>{words.withdrawn(withTime(courrier.withdrawnAt), courrier.withdrawalReason ?? '')}</span></p>}
      {courrier.replacedBy && (
        <p class="notice notice-warn"><Warning /> <span>{words.replacedBy} <Link href={courrierPath(courrier.replacedBy.id)}>{courrier.replacedBy.subject}</Link></span></p>
      )}
      <dl class="facts">
        <Fact label={words.fund}>{fund.label.toLowerCase() === name.toLowerCase() ? name : `${name} – ${fund.label}`}</Fact>
        <Fact label={words.type}>{courrier.type.label}</Fact>
        <Fact label={words.reference}>{courrier.reference}</Fact>
        <Fact label={words.establishment}>{courrier.establishment.name}<br /><span class="soft">SIRET {courrier.establishment.siret}</span></Fact>
        <Fact label={words.letterDate}>{inWords(courrier.letterDate)}</Fact>
        <Fact label={words.depositedAt}>{withTime(courrier.depositedAt)}</Fact>
        {courrier.fiscalYear && <Fact label={words.year}>{courrier.fiscalYear}</Fact>}
        {courrier.dueOn && <Fact label={words.due}><Due day={courrier.dueOn} inFull />{courrier.calendarUrl && <><br /><AddToCalendar id={courrier.id} /></>}</Fact>}
        <Fact label={words.channel}>{courrier.sentByPost ? words.byPost : words.notByPost}</Fact>
        {courrier.firstReadAt && <Fact label={words.firstRead}>{words.firstReadBy(withTime(courrier.firstReadAt), reader)}</Fact>}
        {courrier.acknowledgementRequired && (
          <Fact label={words.acknowledgement}>{courrier.acknowledgedAt ? words.acknowledged(withTime(courrier.acknowledgedAt), acknowledger) : words.acknowledgementAsked}</Fact>
        )}
        {courrier.replaces && <Fact label={words.replaces}><Link href={courrierPath(courrier.replaces.id)}>{courrier.replaces.subject}</Link>, {courrier.replaces.reference}</Fact>}
        <Fact label={words.seal}><code class="seal">{courrier.document.sha256}</code></Fact>
      </dl>
    </section>
  );
}

const CalendarQuery = graphql(`query DueDate($id: ID!) { node(id: $id) { __typename ... on Courrier { id calendarUrl } } }`);

/** The due date as a file that calendars open, at an address asked for when it is wanted: it does not live long. */
function AddToCalendar({ id }: { id: string }) {
  const client = useClient();
  const add = async () => {
    const { data } = await client.query(CalendarQuery, { id }, { requestPolicy: 'network-only' }).toPromise();
    const address = data?.node?.__typename === 'Courrier' ? data.node.calendarUrl : null;
    if (address) location.assign(sameOriginPath(address));
  };
  return <button type="button" class="link" onClick={() => void add()}>{texts.calendar.one}</button>;
}

const Fact = ({ label, children }: { label: string; children: ComponentChildren }) => <div><dt>{label}</dt><dd>{children}</dd></div>;
