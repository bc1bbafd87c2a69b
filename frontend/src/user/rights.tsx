import { inFigures } from '../dates.ts';
import { byTheme } from '../establishment/themes.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Table } from '../ui/table.tsx';
import { LevelScale } from './level.tsx';
import { texts } from './texts.ts';

export const RightsFields = graphql(`
  fragment RightsFields on User @_unmask {
    firstName lastName
    rights { level grantedAt grantedBy { id firstName lastName } service { id } }
    establishment { id services { service { id label description theme levels } } }
  }
`);

const words = texts.account;

/** « Ses Droits »: every service open to the establishment, by theme, with the level this person holds. */
export function Rights({ user }: { user: ResultOf<typeof RightsFields> }) {
  const rights = new Map((user.rights ?? []).map((right) => [right.service.id, right]));
  const themes = byTheme(user.establishment.services.map(({ service }) => service), (service) => service.theme);
  if (!themes.length) return <p class="empty">{words.noService}</p>;
  return (
    <>
      <p>{words.rightsLead(`${user.firstName} ${user.lastName}`)}</p>
      {themes.map(([theme, services]) => (
        <section key={theme} class="card" aria-labelledby={`theme-${theme}`}>
          <h2 id={`theme-${theme}`}>{theme}</h2>
          <Table caption={words.caption(theme)} className="table-plain rights" rows={services} keyOf={(service) => service.id} columns={[
            { header: words.service, isRowHeader: true, className: 'col-service', cell: (service) => <>{service.label}<span class="line soft">{service.description}</span></> },
            { header: words.level, className: 'col-level', cell: (service) => <LevelScale level={rights.get(service.id)?.level ?? 'NONE'} levels={service.levels} /> },
            {
              header: words.granted, className: 'col-granted',
              cell: (service) => {
                const right = rights.get(service.id);
                if (!right || right.level === 'NONE') return null;
                return words.grantedBy(inFigures(right.grantedAt), right.grantedBy ? `${right.grantedBy.firstName} ${right.grantedBy.lastName}` : '');
              },
            },
          ]} />
        </section>
      ))}
    </>
  );
}
