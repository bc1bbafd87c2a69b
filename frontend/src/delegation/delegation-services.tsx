import { Table } from '../ui/table.tsx';
import { LevelTag } from '../user/level.tsx';
import type { DelegationShown } from './delegation.tsx';
import { texts } from './texts.ts';

const words = texts.one;

/** The services, at what was asked and what was granted where they differ. */
export function Services({ delegation: { services, servicesAsked } }: { delegation: DelegationShown }) {
  const granted = new Map(services.map(({ service, level }) => [service.id, level]));
  const isWhole = servicesAsked.every(({ service, level }) => granted.get(service.id) === level);
  const rows = servicesAsked.map(({ service, level }) => ({ service, asked: level, granted: granted.get(service.id) ?? ('NONE' as const) }));
  const service = { header: words.service, isRowHeader: true, className: 'col-service', cell: (row: (typeof rows)[number]) => row.service.label };
  return (
    <section class="card" aria-labelledby="delegation-services">
      <h2 id="delegation-services">{words.services}</h2>
      {!isWhole && <p class="soft">{words.servicesLead}</p>}
      <Table caption={words.services} className="table-plain" rows={rows} keyOf={(row) => row.service.id} columns={isWhole
        ? [service, { header: words.level, cell: (row) => <LevelTag level={row.asked} /> }]
        : [service, { header: words.asked, cell: (row) => <LevelTag level={row.asked} /> }, { header: words.granted, cell: (row) => <LevelTag level={row.granted} /> }]} />
    </section>
  );
}
