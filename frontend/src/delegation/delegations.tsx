import { inWords } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { texts as userTexts } from '../user/texts.ts';
import { Failure, Refusal } from '../ui/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const DelegationRow = graphql(`
  fragment DelegationRow on Delegation @_unmask {
    id status message refusalReason startsOn endsOn requestedAt decidedAt endedAt
    centralisateur { id name } delegataire { id name }
    services { level service { id label } }
    members { id }
    decidedBy { id firstName lastName } endedBy { id firstName lastName }
  }
`);

const DelegationsQuery = graphql(`
  query Delegations {
    viewer {
      actingFor {
        id isCentralisateur
        delegationsReceived(first: 50) { totalCount edges { node { ...DelegationRow } } }
        delegationsRequested(first: 50) { totalCount edges { node { ...DelegationRow } } }
      }
    }
  }
`, [DelegationRow]);

type Row = ResultOf<typeof DelegationRow>;
type List = { totalCount: number; edges: readonly { node: Row }[] };
const tone: Record<Row['status'], string> = { PENDING: 'tag tag-warn', ACCEPTED: 'tag tag-good', REFUSED: 'tag tag-bad', WITHDRAWN: 'tag', ENDED: 'tag', EXPIRED: 'tag' };

/** The delegations asked of this establishment, and those it asked for. */
export function Delegations() {
  const { data, error, again } = useAnswer(DelegationsQuery, {});
  const establishment = data?.viewer?.actingFor;
  return (
    <Page title={texts.title}>
      <p class="lead">{texts.lead}</p>
      {error && !establishment && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {data && !error && !establishment && <Refusal kind="missing" />}
      {establishment && (
        <>
          <Side id="received" title={texts.received} none={texts.noneReceived} list={establishment.delegationsReceived} other={(row) => row.centralisateur.name} />
          {(establishment.isCentralisateur || establishment.delegationsRequested.totalCount > 0) && (
            <Side id="requested" title={texts.requested} none={texts.noneRequested} list={establishment.delegationsRequested} other={(row) => row.delegataire.name} />
          )}
        </>
      )}
    </Page>
  );
}

interface SideProps { id: string; title: string; none: string; list: List; other: (row: Row) => string }

function Side({ id, title, none, list, other }: SideProps) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {list.totalCount === 0 ? <p class="soft">{none}</p> : (
        <>
          <p class="soft">{texts.found(list.totalCount)}{list.totalCount > list.edges.length && `. ${texts.partial(list.edges.length)}`}</p>
          <ul class="choices">{list.edges.map(({ node }) => <Item key={node.id} row={node} name={other(node)} />)}</ul>
        </>
      )}
    </section>
  );
}

function Item({ row, name }: { row: Row; name: string }) {
  const who = (person: Row['decidedBy']) => (person ? `${person.firstName} ${person.lastName}` : '');
  const dates = [row.startsOn && texts.from(inWords(row.startsOn)), row.endsOn ? texts.until(inWords(row.endsOn)) : texts.unlimited].filter(Boolean).join(', ');
  const story = [
    texts.requestedOn(inWords(row.requestedAt)),
    row.decidedAt && texts.decidedOn(inWords(row.decidedAt), who(row.decidedBy)),
    row.endedAt && texts.endedOn(inWords(row.endedAt), who(row.endedBy)),
  ].filter(Boolean).join(', ');
  return (
    <li class="choice delegation">
      <div>
        <h3>{name} <span class={tone[row.status]}>{texts.statusOf[row.status]}</span></h3>
        <dl class="facts">
          {(['READ', 'MODIFY'] as const).map((level) => {
            const labels = row.services.filter((each) => each.level === level).map((each) => each.service.label);
            return labels.length > 0 && <div key={level}><dt>{userTexts.level[level]}</dt><dd>{labels.join(', ')}</dd></div>;
          })}
        </dl>
        <p class="soft">{story}. {row.status === 'ACCEPTED' && `${texts.members(row.members.length)}, ${dates}.`}</p>
        {row.refusalReason && <p>{texts.refusal(row.refusalReason)}</p>}
      </div>
    </li>
  );
}
