import { Link } from 'wouter-preact';
import { daysUntil, inFigures } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { grouped } from '../operator/siret.ts';
import type { Column } from '../ui/table.tsx';
import { pathOf } from './paths.ts';
import { StateFields, stateDetail, StateTag } from './state.tsx';
import { texts } from './texts.ts';

export const RequestedFields = graphql(`
  fragment RequestedFields on Delegation @_unmask {
    requestedAt memberCount allowedActions
    ...StateFields
    delegataire { id name siret address { postalCode city } }
    services { level service { id code label } }
  }
`, [StateFields]);

export type Requested = ResultOf<typeof RequestedFields>;
/** A delegation as a list ticks it: by the name of the other party. */
export type RequestedRow = Requested & { name: string };

const words = texts.cell;
const SOON = 60;

export const rowOf = (delegation: Requested): RequestedRow => ({ ...delegation, name: delegation.delegataire.name });
/** Whether it was accepted and ends within so many days that one should think of it. */
export const endsSoon = ({ status, endsOn }: Pick<Requested, 'status' | 'endsOn'>) => status === 'ACCEPTED' && !!endsOn && daysUntil(endsOn) <= SOON;

/** The columns of delegations one asked for; `from` is the list one comes back to. */
export function requestedColumns(from: string) {
  const column: Record<'name' | 'state' | 'services' | 'people' | 'requested' | 'ends', Column<RequestedRow>> = {
    name: {
      header: texts.column.name, isRowHeader: true, className: 'col-name',
      cell: ({ id, name, delegataire: { siret, address } }) => (
        <>
          <Link class="row-link" href={pathOf(id)} state={{ from }}>{name}</Link>
          {address && !name.endsWith(address.city) && <span class="line soft">{address.city}</span>}
          <span class="line soft figures">{grouped(siret)}</span>
        </>
      ),
    },
    state: { header: texts.column.state, className: 'col-state', cell: (row) => <><StateTag of={row} />{stateDetail(row) && <span class="line soft">{stateDetail(row)}</span>}</> },
    services: { header: texts.column.services, cell: ({ services }) => words.services(services.length, services.filter(({ level }) => level === 'MODIFY').length) },
    people: { header: texts.column.people, cell: ({ status, memberCount }) => status === 'ACCEPTED' && (memberCount ? <><span aria-hidden="true">{memberCount}</span><span class="sr-only">{words.people(memberCount)}</span></> : <span class="tag tag-warn">{words.nobody}</span>) || null },
    requested: { header: texts.column.requested, className: 'col-day', cell: ({ requestedAt }) => inFigures(requestedAt) },
    ends: { header: texts.column.ends, className: 'col-day', cell: (row) => row.endsOn && <>{inFigures(row.endsOn)}{endsSoon(row) && <> <span class="line-tag"><span class="tag tag-warn">{words.inDays(daysUntil(row.endsOn))}</span></span></>}</> },
  };
  return column;
}
