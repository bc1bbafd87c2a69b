import { Link } from 'wouter-preact';
import { inFigures } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { LevelTag, type Level } from '../user/level.tsx';
import { Failure, Refusal } from '../ui/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';
import { byTheme } from './themes.ts';

const ServicesQuery = graphql(`
  query EstablishmentServices {
    viewer {
      actingFor {
        id
        viewerAccess { canManageAccounts levels { level service { id } } }
        services { reviewedAt isToReview usersByLevel { level count } service { id label description theme onlineSince levels } }
      }
    }
  }
`);

type Establishment = NonNullable<NonNullable<ResultOf<typeof ServicesQuery>['viewer']>['actingFor']>;
const words = texts.services;

export function Services() {
  const { data, error, again } = useAnswer(ServicesQuery, {});
  const establishment = data?.viewer?.actingFor;
  return (
    <Page title={words.title}>
      <p class="lead">{words.lead}</p>
      {establishment?.viewerAccess.canManageAccounts && establishment.services.some(({ isToReview }) => isToReview) && <p><Link class="button button-strong" href="/etablissement/services/a-revoir">{words.reviewNow}</Link></p>}
      {error && !establishment && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {data && !error && !establishment && <Refusal kind="missing" />}
      {establishment && (establishment.services.length ? <Themes establishment={establishment} /> : <p class="empty">{words.empty}</p>)}
    </Page>
  );
}

function Themes({ establishment: { services, viewerAccess } }: { establishment: Establishment }) {
  const own = new Map(viewerAccess.levels.map(({ service, level }) => [service.id, level]));
  const held = (id: string): Level => own.get(id) ?? 'NONE';
  const people = (row: Establishment['services'][number], level: Level) => row.usersByLevel.find((each) => each.level === level)?.count ?? 0;
  return (
    <>
      {byTheme(services, (row) => row.service.theme).map(([theme, rows]) => (
        <section key={theme} class="card" aria-labelledby={`theme-${theme}`}>
          <h2 id={`theme-${theme}`}>{theme}</h2>
          <Table caption={words.caption(theme)} className="table-plain services" rows={rows} keyOf={(row) => row.service.id} columns={[
            { header: words.service, isRowHeader: true, className: 'col-service', cell: ({ service }) => <>{service.label}<span class="line soft">{service.description}</span></> },
            { header: words.since, cell: ({ service }) => inFigures(service.onlineSince) },
            { header: words.people, cell: (row) => words.people_(people(row, 'READ'), people(row, 'MODIFY')) },
            { header: words.review, cell: (row) => (row.reviewedAt ? words.reviewed(inFigures(row.reviewedAt)) : row.isToReview && <span class="tag tag-warn">{words.toReview}</span>) },
            { header: words.yours, cell: ({ service }) => <LevelTag level={held(service.id)} /> },
          ]} />
        </section>
      ))}
    </>
  );
}
