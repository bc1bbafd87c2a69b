import { courrierColumns, CourrierRow } from '../courrier/rows.tsx';
import { inFigures } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import type { Column } from '../ui/table.tsx';
import { texts } from './texts.ts';

/** A letter as operators follow it: who it is for and whether somebody there opened it. */
export const FollowedCourrier = graphql(`
  fragment FollowedCourrier on Courrier @_unmask { ...CourrierRow isRead firstReadAt }
`, [CourrierRow]);
export type FollowedCourrier = ResultOf<typeof FollowedCourrier>;

export function followedColumns(from: string, options: { withEstablishment: boolean }): Column<FollowedCourrier>[] {
  const { date, fund, subject, establishment, reference } = courrierColumns(from, () => false);
  const state: Column<FollowedCourrier> = {
    header: texts.courriers.state, className: 'col-state',
    cell: (row) => (row.isRead
      ? <span class="tag tag-good">{row.firstReadAt ? texts.courriers.read(inFigures(row.firstReadAt)) : texts.courriers.read('')}</span>
      : <span class="tag tag-warn">{texts.courriers.unread}</span>),
  };
  return [date, fund, subject, ...(options.withEstablishment ? [establishment] : []), reference, state];
}
