import { Link } from 'wouter-preact';
import { courrierColumns, CourrierRow } from '../courrier/rows.tsx';
import { fundName } from '../courrier/texts.ts';
import { inWords } from '../dates.ts';
import { RECEIVED } from '../delegation/paths.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Failure } from '../ui/failure.tsx';
import { ArrowRight, Check, EnvelopeOpen, Info } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { lazily } from '../ui/lazy.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';
import '../courrier/courrier.css';
import './home.css';

const HomeQuery = graphql(`
  query Home {
    viewer {
      tasks { kind count label dueOn establishment { id name } }
      actingFor {
        id name siret address { postalCode city }
        contracts { fund { code } number }
        administrators { id firstName lastName }
        courrierSummary { total unread }
        viewerAccess { canReadCourriers }
        courriers(first: 5, filter: { unread: true, archived: false }) { edges { node { ...CourrierRow } } }
      }
    }
  }
`, [CourrierRow]);

const Gaps = lazily(async () => (await import('../adoption/home-card.tsx')).default, 'aside');
const Delegations = lazily(async () => (await import('../delegation/home-card.tsx')).default, 'section');

type Waits = NonNullable<ResultOf<typeof HomeQuery>['viewer']>;
type Task = Waits['tasks'][number];
type Establishment = NonNullable<Waits['actingFor']>;

/** What waits: tasks, unread letters, and the establishment one acts for. */
export function Home() {
  const { user, actingFor } = useViewer();
  const asks = actingFor?.isCentralisateur && actingFor.viewerAccess.canManageAccounts;
  const { data, error, again } = useAnswer(HomeQuery, {});
  const waits = data?.viewer;
  return (
    <Page title={texts.title(user?.firstName ?? '')} documentTitle={texts.documentTitle}>
      {error && !waits && <Failure error={error} again={again} />}
      {!waits && !error && <Waiting lines={8} />}
      {waits && (
        <div class="home">
          <div class="home-main">
            <Tasks tasks={waits.tasks} actingForId={waits.actingFor?.id} />
            {waits.actingFor && <Unread establishment={waits.actingFor} />}
            {actingFor?.viewerAccess.canManageAccounts && <Gaps />}
            {asks && <Delegations />}
          </div>
          {waits.actingFor
            ? <EstablishmentCard establishment={waits.actingFor} isOwn={waits.actingFor.id === user?.establishment.id} />
            : <div class="notice"><Info /><p>{texts.nobody}</p></div>}
        </div>
      )}
    </Page>
  );
}

/** Where each kind of task is done; those without a screen yet are only said. */
const places: Partial<Record<Task['kind'], string>> = {
  READ_COURRIERS: '/courriers?vue=non-lus',
  RENEW_ACCOUNTS: '/etablissement/comptes/a-renouveler',
  DECIDE_DELEGATIONS: RECEIVED,
  REVIEW_NEW_SERVICES: '/etablissement/services/a-revoir',
  REVIEW_RIGHTS: '/etablissement/comptes?droits=a-revoir',
  ACCEPT_TERMS: '/conditions/accepter',
  ADD_SECOND_ADMINISTRATOR: '/etablissement/comptes',
};

/** Letters may wait in other establishments than the one acted for; the other tasks are done where one acts. */
function placeOf(task: Task, actingForId: string | undefined, hasSeveral: boolean): string | undefined {
  const isHere = task.establishment?.id === actingForId;
  if (task.kind === 'READ_COURRIERS' && hasSeveral && !isHere) return '/courriers?etablissements=tous&vue=non-lus';
  if (task.kind === 'ACCEPT_TERMS' && task.establishment) return '/conditions'; // its administrators will accept
  const isAnywhere = task.kind === 'RENEW_ACCOUNTS';
  return task.establishment && !isHere && !isAnywhere ? undefined : places[task.kind];
}

function Tasks({ tasks, actingForId }: { tasks: readonly Task[]; actingForId: string | undefined }) {
  const { establishments } = useViewer();
  return (
    <section aria-labelledby="home-tasks">
      <h2 id="home-tasks">{texts.tasks}</h2>
      {tasks.length === 0 ? <p class="all-done"><Check /> {texts.noTask}</p> : (
        <ul class="tasks">
          {tasks.map((task) => {
            const place = placeOf(task, actingForId, establishments.totalCount > 1);
            const said = <><span>{task.label}</span>{task.dueOn && <span class="tag tag-warn">{texts.dueOn(inWords(task.dueOn))}</span>}</>;
            return <li key={`${task.kind}${task.establishment?.id ?? ''}`}>{place ? <Link href={place}>{said}<ArrowRight /></Link> : <div>{said}</div>}</li>;
          })}
        </ul>
      )}
    </section>
  );
}

function Unread({ establishment: { courriers, courrierSummary, viewerAccess } }: { establishment: Establishment }) {
  const { unread } = courrierSummary;
  const rows = courriers.edges.map((edge) => edge.node);
  const { date, fund, subject, due } = courrierColumns('/', () => true);
  return (
    <section aria-labelledby="home-unread">
      <h2 id="home-unread">{texts.unread}</h2>
      {rows.length > 0 && <Table className="courriers courriers-short" caption={texts.caption} columns={[date, fund, subject, due]} rows={rows} keyOf={(row) => row.id} rowClass={() => 'is-unread'} />}
      {rows.length === 0 && viewerAccess.canReadCourriers && <div class="empty"><EnvelopeOpen /><p><strong>{texts.upToDate}</strong></p></div>}
      {!viewerAccess.canReadCourriers && rows.length === 0 && <div class="notice"><Info /><p>{texts.noRight}</p></div>}
      <p class="actions">
        {unread > 0 && <Link class="button button-strong" href="/courriers?vue=non-lus">{texts.allUnread(unread)}</Link>}
        <Link class="button" href="/courriers">{texts.all}</Link>
      </p>
    </section>
  );
}

function EstablishmentCard({ establishment, isOwn }: { establishment: Establishment; isOwn: boolean }) {
  const { name, siret, address, contracts, administrators, courrierSummary } = establishment;
  return (
    <section class="card home-card" aria-labelledby="home-establishment">
      <h2 id="home-establishment">{isOwn ? texts.establishment : texts.actedFor}</h2>
      <p class="home-name">{name}</p>
      {address && <p class="soft">{[address.postalCode, address.city].filter(Boolean).join(' ')}</p>}
      <dl class="facts">
        <div><dt>{texts.siret}</dt><dd>{siret}</dd></div>
        <div><dt>{texts.courriers}</dt><dd>{texts.summary(courrierSummary.total, courrierSummary.unread)}</dd></div>
        {contracts.length > 0 && <div><dt>{texts.contracts}</dt><dd><ul class="plain">{contracts.map(({ fund, number }) => <li key={fund.code + number}>{fundName(fund.code)} {number}</li>)}</ul></dd></div>}
        {administrators.length > 0 && <div><dt>{texts.administrators}</dt><dd><ul class="plain">{administrators.map((each) => <li key={each.id}>{each.firstName} {each.lastName}</li>)}</ul></dd></div>}
      </dl>
      <p><Link href="/etablissement">{texts.more}</Link></p>
    </section>
  );
}
