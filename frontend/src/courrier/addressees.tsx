import { useState } from 'preact/hooks';
import type { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Panel } from '../ui/dialog.tsx';
import type { Chip } from '../ui/filters.tsx';
import { Building } from '../ui/icons.tsx';
import { lazily } from '../ui/lazy.tsx';
import { firstPage } from '../ui/pager.tsx';
import { focusResults } from '../ui/results.tsx';
import { addresseesOf, MOST_ADDRESSEES, narrowedTo } from './filters.ts';
import { texts } from './texts.ts';

const AddresseesQuery = graphql(`query Addressees($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Establishment { id name } } }`);

const EstablishmentPicker = lazily(async () => (await import('../session/picker.tsx')).EstablishmentPicker, 'section');
const words = texts.inbox;

/** The establishments a list over all is narrowed to, each to be taken away. */
export function useAddressees(params: URLSearchParams): Chip[] {
  const ids = addresseesOf(params);
  const { data } = useAnswer(AddresseesQuery, { ids }, { pause: ids.length === 0 });
  const names = new Map(data?.nodes.map((node) => (node?.__typename === 'Establishment' ? [node.id, node.name] : ['', ''])));
  return ids.map((id) => ({ name: 'pour', label: words.addressees(names.get(id) ?? '…'), without: narrowedTo(ids.filter((other) => other !== id)) }));
}

/** « Filtrer par établissement »: found among thousands, and kept in the address. */
export function ChooseAddressee({ address: { params, hrefWith, navigate } }: { address: ReturnType<typeof useAddress> }) {
  const [isOpen, open] = useState(false);
  const ids = addresseesOf(params);
  const choose = (id: string) => {
    open(false);
    navigate(hrefWith({ ...firstPage, ...narrowedTo([...ids, id]) }));
    focusResults();
  };
  if (ids.length >= MOST_ADDRESSEES) return null;
  return (
    <>
      <button type="button" class="button" aria-haspopup="dialog" onClick={() => open(true)}><Building /> {words.choose}</button>
      {isOpen && (
        <Panel title={words.choose} onClose={() => open(false)}>
          <p class="soft">{words.chooseHelp}</p>
          <EstablishmentPicker label={words.choose} chosen={{ ids, said: words.chosen }} onChoose={({ id }) => (ids.includes(id) ? open(false) : choose(id))} />
        </Panel>
      )}
    </>
  );
}
