import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { count, daysFromToday, month, share } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { ArrowRight } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { FindBox } from './find.tsx';
import { FollowedCourrier, followedColumns } from './rows.tsx';
import { texts } from './texts.ts';
import '../courrier/courrier.css';
import '../home/home.css';
import './operator.css';

const OperatorHomeQuery = graphql(`
  query OperatorHome($from: Date) {
    viewer { tasks { kind label } }
    adoption(from: $from) {
      establishmentsServed establishmentsReading establishmentsNeverReading courriersDeposited courriersRead
      byMonth { month courriersDeposited courriersRead }
    }
    courriers(first: 8, filter: { archived: null }) { edges { node { ...FollowedCourrier } } }
  }
`, [FollowedCourrier]);

type Task = NonNullable<ResultOf<typeof OperatorHomeQuery>['viewer']>['tasks'][number];
type Adoption = ResultOf<typeof OperatorHomeQuery>['adoption'];
type Period = keyof typeof texts.home.periods;
const words = texts.home;
/** Where each kind of task is done. */
const places: Partial<Record<Task['kind'], string>> = { NOMINATE_ADMINISTRATORS: '/operateur/etablissements?administrateur=sans' };
const periods = ['', '12', '3'] as const satisfies Period[];

/** The operators' home: whether letters are read, the latest of them, and a way to an establishment. */
export default function OperatorHome() {
  const { params, hrefWith } = useAddress();
  const period = periods.find((each) => each === params.get('periode')) ?? '';
  const from = period ? daysFromToday(-30 * Number(period)) : null;
  const { data, error, again } = useAnswer(OperatorHomeQuery, { from });
  return (
    <Page title={words.title} className="page-wide">
      <FindBox />
      {data?.viewer && <Tasks tasks={data.viewer.tasks.filter(({ kind }) => places[kind])} />}
      <section aria-labelledby="operator-figures">
        <div class="section-head">
          <h2 id="operator-figures">{words.figures}</h2>
          <nav class="views views-small" aria-label={words.period}>
            <ul>{periods.map((each) => <li key={each}><Link href={hrefWith({ periode: each })} aria-current={each === period ? 'page' : undefined}>{words.periods[each]}</Link></li>)}</ul>
          </nav>
        </div>
        {error && !data && <Failure error={error} again={again} />}
        {!data && !error && <Waiting lines={8} />}
        {data && <Figures adoption={data.adoption} />}
      </section>
      {data && (
        <>
          <section aria-labelledby="operator-latest">
            <h2 id="operator-latest">{words.latest}</h2>
            <Table caption={words.latest} className="courriers courriers-short" columns={followedColumns('/', { withEstablishment: true }).filter((column) => column.className !== 'col-reference')} rows={data.courriers.edges.map((edge) => edge.node)} keyOf={(row) => row.id} />
            <p class="actions"><Link class="button" href="/operateur/courriers">{words.all}</Link></p>
          </section>
          <Months months={data.adoption.byMonth} />
        </>
      )}
    </Page>
  );
}

/** What waits for operators. */
function Tasks({ tasks }: { tasks: readonly Task[] }) {
  if (tasks.length === 0) return null;
  return (
    <section aria-labelledby="operator-tasks">
      <h2 id="operator-tasks">{words.tasks}</h2>
      <ul class="tasks">{tasks.map((task) => <li key={task.kind}><Link href={places[task.kind] ?? '/'}><span>{task.label}</span><ArrowRight /></Link></li>)}</ul>
    </section>
  );
}

function Figures({ adoption }: { adoption: Adoption }) {
  const { establishmentsServed: served, courriersDeposited: deposited } = adoption;
  const figures: [string, number, string][] = [
    [words.served, served, words.servedHelp],
    [words.reading, adoption.establishmentsReading, words.ofServed(share(adoption.establishmentsReading, served))],
    [words.never, adoption.establishmentsNeverReading, words.ofServed(share(adoption.establishmentsNeverReading, served))],
    [words.deposited, deposited, ''],
    [words.read, adoption.courriersRead, words.ofDeposited(share(adoption.courriersRead, deposited))],
  ];
  return (
    <dl class="figure-list">
      {figures.map(([label, value, detail]) => (
        <div key={label}><dt>{label}</dt><dd><strong>{count(value)}</strong>{detail && <span>{detail}</span>}</dd></div>
      ))}
    </dl>
  );
}

function Months({ months }: { months: Adoption['byMonth'] }) {
  const rows = [...months].sort((one, other) => other.month.localeCompare(one.month));
  const most = Math.max(1, ...months.map((each) => each.courriersDeposited));
  return (
    <section class="card" aria-labelledby="operator-months">
      <h2 id="operator-months">{words.months}</h2>
      <Table caption={words.monthsCaption} className="table-plain months" rows={rows} keyOf={(row) => row.month} columns={[
        {
          header: words.month, isRowHeader: true,
          cell: (row) => <><span class="month-name">{month(row.month)}</span><Bar deposited={row.courriersDeposited / most} read={row.courriersRead / most} /></>,
        },
        { header: words.deposited, className: 'col-number', cell: (row) => count(row.courriersDeposited) },
        { header: words.read, className: 'col-number', cell: (row) => count(row.courriersRead) },
        { header: words.share, className: 'col-number', cell: (row) => share(row.courriersRead, row.courriersDeposited) },
      ]} />
    </section>
  );
}

/** Deposited and, within, read: a drawing of the two figures beside it. */
const Bar = ({ deposited, read }: { deposited: number; read: number }) => (
  <svg class="month-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <rect class="month-deposited" width={100 * deposited} height="8" />
    <rect class="month-read" width={100 * read} height="8" />
  </svg>
);
