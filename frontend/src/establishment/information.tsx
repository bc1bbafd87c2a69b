import { GapFields, Gaps, mendedByAdministrators } from '../adoption/gaps.tsx';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { LevelScale } from '../user/level.tsx';
import { Failure, Refusal } from '../ui/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { Health, HealthFields, ofAdministrators } from './health.tsx';
import { Identity, IdentityFields } from './identity.tsx';
import { texts } from './texts.ts';

const InformationQuery = graphql(`
  query EstablishmentInformation {
    viewer {
      actingFor {
        ...IdentityFields
        ...HealthFields
        ...GapFields
        viewerAccess { through { id centralisateur { id name } } levels { level service { id label theme levels } } }
      }
    }
  }
`, [IdentityFields, HealthFields, GapFields]);

const words = texts.information;

export function Information() {
  const { data, error, again } = useAnswer(InformationQuery, {});
  const establishment = data?.viewer?.actingFor;
  if (!establishment) {
    return <Page title={words.title}>{error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting />}</Page>;
  }
  const { through, levels } = establishment.viewerAccess;
  const held = levels.filter(({ level }) => level !== 'NONE');
  return (
    <Page title={words.title}>
      <p class="lead">{establishment.name}</p>
      <Health establishment={establishment} mending={ofAdministrators} />
      <Gaps gaps={establishment.unreadableTypes} places={mendedByAdministrators} isOwn />
      <Identity establishment={establishment} />
      <section class="card" aria-labelledby="your-access">
        <h2 id="your-access">{words.yourAccess}</h2>
        {through && <p>{words.through(through.centralisateur.name)}</p>}
        {held.length === 0 ? <p>{words.noAccess}</p> : (
          <Table caption={words.yourAccess} className="table-plain" rows={held} keyOf={(row) => row.service.id} columns={[
            { header: words.service, isRowHeader: true, cell: (row) => row.service.label },
            { header: words.level, cell: (row) => <LevelScale level={row.level} levels={row.service.levels} /> },
          ]} />
        )}
      </section>
    </Page>
  );
}
