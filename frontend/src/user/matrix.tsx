import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { byTheme } from '../establishment/themes.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure, Refusal } from '../ui/failure.tsx';
import { chipsOf, Filters, type Control } from '../ui/filters.tsx';
import { AdministratorBadge, ArrowLeft, Download } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';
import './user.css';

const MatrixQuery = graphql(`
  query RightsTable($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilter) {
    services { id code label theme }
    viewer {
      actingFor {
        id name viewerAccess { canManageAccounts }
        users(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: NAME_ASC) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { node { id firstName lastName profile rights { level service { id code } } } }
        }
      }
    }
  }
`);

type Answered = ResultOf<typeof MatrixQuery>;
type Service = Answered['services'][number];
type Row = NonNullable<NonNullable<Answered['viewer']>['actingFor']>['users']['edges'][number]['node'];
const words = texts.matrix;
const LEVELS = ['NONE', 'READ', 'MODIFY'] as const;

/** « Tableau des droits »: who may do what in each service, filtered, to take away as a file. */
export function Matrix() {
  const address = useAddress();
  const { params } = address;
  const level = LEVELS.find((each) => each === params.get('niveau'));
  const [theme, service, search] = ['theme', 'service', 'q'].map((name) => params.get(name));
  const filter = { ...(search && { search }), ...(level && { level }), ...(level && service && { service }) };
  const answer = useAnswer(MatrixQuery, { ...pagingOf(params), filter });
  const { data, error, again, isWaiting } = answer;
  const establishment = data?.viewer?.actingFor;
  const users = establishment?.users;
  usePageRepair(address, answer, users?.pageInfo);
  const all = data?.services ?? [];
  const shown = all.filter((each) => (!theme || each.theme === theme) && (!service || each.code === service));
  const above = <p class="above"><Link href="/etablissement/comptes"><ArrowLeft /> {texts.account.back}</Link></p>;
  if (establishment && !establishment.viewerAccess.canManageAccounts) return <Page title={words.title} above={above}><Refusal kind="forbidden" /></Page>;
  const controls: Control[] = [
    { kind: 'choice', name: 'theme', label: words.theme, options: byTheme(all, (each) => each.theme).map(([value]) => ({ value, label: value })) },
    { kind: 'choice', name: 'service', label: words.service, options: all.map(({ code, label }) => ({ value: code, label })) },
    { kind: 'choice', name: 'niveau', label: words.level, options: LEVELS.map((value) => ({ value, label: texts.level[value] })) },
  ];
  const chips = chipsOf(params, words.search, controls, (control, value) => (control.kind === 'choice' && control.options.find((option) => option.value === value)?.label) || value);
  const rows = users?.edges.map(({ node }) => node) ?? [];
  return (
    <Page title={words.title} className="page-wide" above={above}
      beside={users && <a class="button" href={fileOf(params)} download><Download /> {words.export}</a>}>
      {establishment && <p class="lead">{words.lead(establishment.name)}</p>}
      <Filters address={address} searchLabel={words.search} controls={controls} chips={chips} />
      {error && !users && <Failure error={error} again={again} />}
      {!users && !error && <Waiting lines={8} />}
      {users && (
        <>
          <div class="list-head"><ResultCount>{users.totalCount ? texts.accounts.found(users.totalCount) : texts.accounts.empty}</ResultCount></div>
          {rows.length > 0 && shown.length > 0 && <Grid services={shown} rows={rows} isWaiting={isWaiting} />}
          <Pager pageInfo={users.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}

/** The whole table with the filters of the screen, whatever the page. */
function fileOf(params: URLSearchParams): string {
  const kept = ['q', 'theme', 'service', 'niveau'].flatMap((name) => (params.get(name) ? [[name, params.get(name)!]] : []));
  const query = new URLSearchParams(kept).toString();
  return `/exports/droits.csv${query && `?${query}`}`;
}

/** A real table, scrolled sideways in its own box: the names and the services stay in view. */
function Grid({ services, rows, isWaiting }: { services: readonly Service[]; rows: readonly Row[]; isWaiting: boolean }) {
  const themes = byTheme(services, ({ theme }) => theme);
  const ordered = themes.flatMap(([, each]) => each);
  return (
    <div class="matrix" role="region" aria-label={words.region} tabIndex={0}>
      <table aria-busy={isWaiting || undefined}>
        <caption class="sr-only">{words.caption}</caption>
        <colgroup><col /></colgroup>
        {themes.map(([theme, each]) => <colgroup key={theme} span={each.length} />)}
        <thead>
          <tr>
            <th scope="col" rowSpan={2} class="matrix-name">{texts.accounts.name}</th>
            {themes.map(([theme, each]) => <th key={theme} scope="colgroup" colSpan={each.length}><span>{theme}</span></th>)}
          </tr>
          <tr>{ordered.map(({ code, label }) => <th key={code} scope="col">{label}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const held = new Map((row.rights ?? []).map(({ level, service }) => [service.code, level]));
            return (
              <tr key={row.id}>
                <th scope="row" class="matrix-name">
                  <Link href={`/etablissement/comptes/${encodeURIComponent(row.id)}/droits`} state={{ from: location.pathname + location.search }}>{row.lastName.toUpperCase()} {row.firstName}</Link>
                  {row.profile === 'ADMINISTRATOR' && <> <AdministratorBadge label={texts.profile.ADMINISTRATOR.toLowerCase()} /></>}
                </th>
                {ordered.map(({ code }) => {
                  const level = held.get(code) ?? 'NONE';
                  return <td key={code}>{level === 'NONE' ? <><span class="absent" aria-hidden="true">–</span><span class="sr-only">{texts.level.NONE}</span></> : <span class={`level level-held level-${level.toLowerCase()}`}>{words.short[level]}</span>}</td>;
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
