import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { fundName } from '../courrier/texts.ts';
import { count, daysFromToday, month, share, withTime } from '../dates.ts';
import { texts as establishmentTexts } from '../establishment/texts.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { saveCsv } from '../ui/csv.ts';
import { Failure } from '../ui/failure.tsx';
import { Filters, type Control } from '../ui/filters.tsx';
import { Download } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { delayOf } from './delay.ts';
import { Bar, Cut, type Figures } from './plot.tsx';
import { texts } from './texts.ts';
import '../operator/operator.css';
import './adoption.css';

const CutFigures = graphql(`
  fragment CutFigures on AdoptionCut @_unmask { establishmentsServed establishmentsReading courriersDeposited courriersRead medianDelayToFirstReading }
`);
const AdoptionQuery = graphql(`
  query Adoption($from: Date, $until: Date) {
    adoption(from: $from, until: $until) {
      countedAt establishmentsServed establishmentsNotified establishmentsSignedIn establishmentsReading establishmentsReadingAll establishmentsNeverReading
      courriersDeposited courriersRead medianDelayToFirstReading
      byMonth { month ...CutFigures }
      byFund { fund { code } ...CutFigures }
      byType { type { id label fund { code } } ...CutFigures }
      byCategory { category ...CutFigures }
      byDepartement { departement ...CutFigures }
      byCampaign { batch { id label } ...CutFigures }
    }
  }
`, [CutFigures]);
const CoverageQuery = graphql(`
  query ReaderCoverage { readerCoverage { countedAt establishments establishmentsWithGap byService { establishments service { id label } } } }
`);

type Adoption = ResultOf<typeof AdoptionQuery>['adoption'];
type Period = keyof typeof texts.periods;
const periods = ['', '12', '3'] as const satisfies Period[];
const controls: Control[] = [{ kind: 'date', name: 'du', label: texts.from }, { kind: 'date', name: 'au', label: texts.until }];
const isDay = (value: string | null) => (value && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : null);

/** The operators' dashboard: the steps from a deposit to a reading, and the figures of each part. */
export default function Dashboard() {
  const address = useAddress();
  const { params, hrefWith } = address;
  const until = isDay(params.get('au'));
  const chosen = isDay(params.get('du'));
  const isChosen = !!chosen || !!until;
  const period = isChosen ? null : periods.find((each) => each === params.get('periode')) ?? '';
  const from = chosen ?? (period ? daysFromToday(-30 * Number(period)) : null);
  const { data, error, again } = useAnswer(AdoptionQuery, { from, until });
  const adoption = data?.adoption;
  return (
    <Page title={texts.title} className="page-wide" beside={<Link class="button button-strong" href="/operateur/adoption/sans-lecture">{texts.never_.link}</Link>}>
      <p class="lead">{texts.lead}</p>
      <nav class="views" aria-label={texts.period}>
        <ul>{periods.map((each) => <li key={each}><Link href={hrefWith({ periode: each, du: null, au: null })} aria-current={each === period ? 'page' : undefined}>{texts.periods[each]}</Link></li>)}</ul>
      </nav>
      <Filters address={address} controls={controls} chips={[]} />
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={12} />}
      {adoption && (
        <>
          <p class="soft" role="status">{texts.countedAt(withTime(adoption.countedAt))}</p>
          {adoption.courriersDeposited === 0 ? <p class="empty">{texts.nothing}</p> : <Shown adoption={adoption} />}
        </>
      )}
      <Coverage />
    </Page>
  );
}

function Shown({ adoption }: { adoption: Adoption }) {
  const { courriersDeposited: deposited, courriersRead: read } = adoption;
  return (
    <>
      <dl class="figure-list">
        <div><dt>{texts.deposited}</dt><dd><strong>{count(deposited)}</strong></dd></div>
        <div><dt>{texts.read}</dt><dd><strong>{count(read)}</strong><span>{texts.readHelp(share(read, deposited))}</span></dd></div>
        <div><dt>{texts.delay}</dt><dd><strong>{delayOf(adoption.medianDelayToFirstReading)}</strong><span>{texts.delayHelp}</span></dd></div>
      </dl>
      <Funnel adoption={adoption} />
      {cutsOf(adoption).map(([cut, rows]) => <Cut key={cut} title={texts.cuts[cut]} header={texts.cut[cut]} rows={rows} isTimeline={cut === 'month'} file={cut} />)}
    </>
  );
}

function cutsOf(adoption: Adoption): [keyof typeof texts.cuts, Figures[]][] {
  return [
    ['month', adoption.byMonth.map((row) => ({ ...row, key: row.month, label: month(row.month) }))],
    ['fund', adoption.byFund.map((row) => ({ ...row, key: row.fund.code, label: fundName(row.fund.code) }))],
    ['type', adoption.byType.map((row) => ({ ...row, key: row.type.id, label: `${fundName(row.type.fund.code)}, ${row.type.label}` }))],
    ['category', adoption.byCategory.map((row) => ({ ...row, key: row.category, label: establishmentTexts.category[row.category] }))],
    ['departement', adoption.byDepartement.map((row) => ({ ...row, key: row.departement, label: row.departement }))],
    ['campaign', adoption.byCampaign.map((row) => ({ ...row, key: row.batch?.id ?? '', label: row.batch?.label ?? texts.noBatch }))],
  ];
}

interface Step { name: string; help: string; value: number }

/** The steps, each with its definition: the bars only draw the figures beside them. */
function Funnel({ adoption }: { adoption: Adoption }) {
  const served = adoption.establishmentsServed;
  const steps: Step[] = [
    { name: texts.served, help: texts.servedHelp, value: served },
    { name: texts.notified, help: texts.notifiedHelp, value: adoption.establishmentsNotified },
    { name: texts.signedIn, help: texts.signedInHelp, value: adoption.establishmentsSignedIn },
    { name: texts.reading, help: texts.readingHelp, value: adoption.establishmentsReading },
    { name: texts.readingAll, help: texts.readingAllHelp, value: adoption.establishmentsReadingAll },
    { name: texts.never, help: texts.neverHelp, value: adoption.establishmentsNeverReading },
  ];
  const save = () => saveCsv('adoption-etapes.csv', [
    [texts.step, texts.definition, texts.establishments],
    ...steps.map(({ name, help, value }) => [name, help, String(value)]),
  ]);
  return (
    <section class="card" aria-labelledby="funnel">
      <h2 id="funnel">{texts.funnel}</h2>
      <p class="soft">{texts.funnelLead}</p>
      <Table caption={texts.funnel} className="table-plain funnel" rows={steps} keyOf={(row) => row.name} columns={[
        { header: texts.step, isRowHeader: true, cell: (row) => <>{row.name}<span class="line soft">{row.help}</span><Bar whole={1} part={served ? row.value / served : 0} /></> },
        { header: texts.establishments, className: 'col-number', cell: (row) => count(row.value) },
        { header: texts.shareOfServed, className: 'col-number', cell: (row) => share(row.value, served) },
      ]} />
      <p class="actions"><button type="button" class="button" aria-label={texts.csvOf(texts.funnel)} onClick={save}><Download /> {texts.csv}</button></p>
    </section>
  );
}

/** Where nobody can read what the funds send. */
function Coverage() {
  const { data } = useAnswer(CoverageQuery, {});
  const found = data?.readerCoverage;
  if (!found || found.establishments === 0) return null;
  const words = texts.coverage;
  const { establishments: all, establishmentsWithGap: gap } = found;
  return (
    <section class="card" aria-labelledby="coverage">
      <h2 id="coverage">{words.title}</h2>
      <p class="soft">{words.lead}</p>
      <p>{words.some(count(gap), count(all), share(gap, all))}</p>
      {found.byService.length > 0 && <Table caption={words.caption} className="table-plain" rows={found.byService} keyOf={(row) => row.service.id} columns={[
        { header: words.service, isRowHeader: true, cell: (row) => row.service.label },
        { header: words.establishments, className: 'col-number', cell: (row) => count(row.establishments) },
      ]} />}
      <p class="actions"><Link class="button" href="/operateur/etablissements?lecteur=sans">{words.list}</Link></p>
      <p class="hint">{words.countedAt(withTime(found.countedAt))}</p>
    </section>
  );
}
