import { fundName } from '../courrier/texts.ts';
import { inWords } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Table } from '../ui/table.tsx';
import { texts } from './texts.ts';

export const IdentityFields = graphql(`
  fragment IdentityFields on Establishment @_unmask {
    id name siret category isCentralisateur registeredOn functionalEmail
    address { line1 line2 postalCode city }
    contracts { fund { code label } number }
    administrators { id firstName lastName email }
  }
`);
type Identity = ResultOf<typeof IdentityFields>;
const words = texts.information;

/** What an establishment is: identity, contracts, administrators. */
export function Identity({ establishment }: { establishment: Identity }) {
  const { name, siret, category, address, isCentralisateur, registeredOn, functionalEmail, contracts, administrators } = establishment;
  const lines = address ? [address.line1, address.line2, [address.postalCode, address.city].filter(Boolean).join(' ')].filter(Boolean) : [];
  return (
    <>
      <section class="card" aria-labelledby="identity">
        <h2 id="identity">{words.identity}</h2>
        <dl class="facts facts-wide">
          <div><dt>{words.name}</dt><dd>{name}</dd></div>
          <div><dt>{words.siret}</dt><dd class="figures">{siret}</dd></div>
          <div><dt>{words.category}</dt><dd>{texts.category[category]}</dd></div>
          {lines.length > 0 && <div><dt>{words.address}</dt><dd>{lines.map((line) => <span key={line} class="line">{line}</span>)}</dd></div>}
          {functionalEmail && <div><dt>{words.functionalEmail}</dt><dd>{functionalEmail}</dd></div>}
          <div><dt>{words.registeredOn}</dt><dd>{inWords(registeredOn)}</dd></div>
          {isCentralisateur && <div><dt>{words.centralisateur}</dt><dd>{words.isCentralisateur}</dd></div>}
        </dl>
      </section>
      {contracts.length > 0 && (
        <section class="card" aria-labelledby="contracts">
          <h2 id="contracts">{words.contracts}</h2>
          <Table caption={words.contracts} className="table-plain" rows={contracts} keyOf={(row) => row.fund.code + row.number} columns={[
            { header: words.fund, isRowHeader: true, cell: ({ fund }) => (fund.label.toLowerCase() === fund.code.toLowerCase() ? fundName(fund.code) : `${fundName(fund.code)} – ${fund.label}`) },
            { header: words.number, cell: (row) => <span class="figures">{row.number}</span> },
          ]} />
        </section>
      )}
      <section class="card" aria-labelledby="administrators">
        <h2 id="administrators">{words.administrators}</h2>
        {administrators.length === 0 ? <p>{words.noAdministrator}</p> : (
          <>
            <p class="soft">{words.administratorsLead}</p>
            <ul class="plain people">{administrators.map((each) => <li key={each.id}>{each.firstName} {each.lastName}{each.email && <>, <a href={`mailto:${each.email}`}>{each.email}</a></>}</li>)}</ul>
          </>
        )}
      </section>
    </>
  );
}
