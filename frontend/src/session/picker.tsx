import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Search } from '../ui/icons.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { useViewer } from './session.tsx';
import { texts } from './texts.ts';
import './picker.css';

const MOST = 20;
/** What a search finds is not counted further. */
const SEARCHED = 100;

const ChoiceFields = graphql(`fragment ChoiceFields on Establishment @_unmask { id name siret address { postalCode city } }`);

const PickerQuery = graphql(`
  query EstablishmentPicker($search: String, $isSearch: Boolean!, $first: Int) {
    viewer {
      recentEstablishments(first: 6) @skip(if: $isSearch) { ...ChoiceFields }
      establishments(first: $first, search: $search) {
        totalCount @skip(if: $isSearch)
        countUpTo(limit: 100) @include(if: $isSearch)
        edges { node { ...ChoiceFields } }
      }
    }
  }
`, [ChoiceFields]);

export type Choice = ResultOf<typeof ChoiceFields>;
interface Group { title: string; choices: readonly Choice[] }

const words = texts.picker;

interface PickerProps {
  /** What the list is for. */
  label: string;
  /** The establishments that are chosen already, and what is said of them. */
  chosen: { ids: readonly string[]; said: string };
  onChoose: (choice: Choice) => void;
  /** The way to the whole list leaves where this stands. */
  onBrowse?: () => void;
}

/**
 * Finds one of the establishments one reaches, among two or two thousand: one's own, the last ones acted for, then what is searched.
 * A list box led from its field: arrows choose, Enter takes.
 */
export function EstablishmentPicker({ label, chosen, onChoose, onBrowse }: PickerProps) {
  const { user } = useViewer();
  const [typed, type] = useState('');
  const search = useSettled(typed.trim());
  const { data, error, again, isWaiting } = useAnswer(PickerQuery, { search: search || null, isSearch: !!search, first: MOST });
  const [place, setPlace] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => setPlace(search ? 0 : -1), [search]);
  const found = data?.viewer;
  const groups = found ? groupsOf(found, user?.establishment.id, !!search) : [];
  const choices = groups.flatMap((group) => group.choices);
  const active = choices[place];
  useEffect(() => {
    list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [active?.id]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step && choices.length) setPlace((place + step + choices.length + (place < 0 && step < 0 ? 1 : 0)) % choices.length);
    else if (event.key === 'Enter' && active && search === typed.trim()) onChoose(active);
    else if (event.key !== 'Enter') return;
    event.preventDefault();
  };
  const count = found ? found.establishments.totalCount ?? found.establishments.countUpTo ?? 0 : 0;
  const isMore = found?.establishments.countUpTo === SEARCHED;
  const left = found ? count - found.establishments.edges.length : 0;
  return (
    <div class="picker">
      <label class="picker-field">
        <span class="sr-only">{texts.actFor.search}</span>
        <Search />
        <input ref={field} type="text" autofocus role="combobox" placeholder={texts.actFor.search} autocomplete="off" spellcheck={false} value={typed}
          aria-expanded="true" aria-controls="picker-list" aria-autocomplete="list" aria-activedescendant={active && optionId(active)}
          onInput={(event) => type(event.currentTarget.value)} onKeyDown={onKeyDown} />
      </label>
      <p class="result-count" role="status">{found && (choices.length ? texts.actFor.results(count, isMore) : texts.actFor.empty)}</p>
      {error && !found && <Failure error={error} again={again} />}
      {!found && !error && <Waiting lines={4} />}
      <div id="picker-list" role="listbox" aria-label={label} class="picker-list" ref={list} aria-busy={isWaiting || undefined}>
        {groups.map(({ title, choices: several }) => (
          <div key={title} role="group" aria-label={title}>
            <p class="picker-title" aria-hidden="true">{title}</p>
            {several.map((choice) => (
              <div key={choice.id} id={optionId(choice)} role="option" aria-selected={chosen.ids.includes(choice.id)} class="picker-choice"
                {...(choice === active && { 'data-active': true })} onClick={() => onChoose(choice)}>
                <strong>{choice.name}</strong>
                {chosen.ids.includes(choice.id) && <span class="tag tag-good">{chosen.said}</span>}
                <span class="soft">{[choice.address && [choice.address.postalCode, choice.address.city].filter(Boolean).join(' '), `SIRET ${choice.siret}`].filter(Boolean).join(' · ')}</span>
              </div>
            ))}
          </div>
        ))}
      </div>
      {left > 0 && <p class="soft">{words.more(left, isMore)}{onBrowse && <> <Link href="/agir-pour" onClick={onBrowse}>{words.browse}</Link></>}</p>}
    </div>
  );
}

const optionId = ({ id }: Choice) => `choice-${id}`;

/** One's own and the recent ones first where nothing is searched; what was found otherwise. None twice. */
function groupsOf(found: { recentEstablishments?: readonly Choice[] | undefined; establishments: { edges: readonly { node: Choice }[] } }, homeId: string | undefined, isSearch: boolean): Group[] {
  const reached = found.establishments.edges.map(({ node }) => node);
  if (isSearch) return reached.length ? [{ title: words.found, choices: reached }] : [];
  const recent = found.recentEstablishments ?? [];
  const first = new Set([homeId, ...recent.map(({ id }) => id)]);
  const groups = [
    { title: words.own, choices: reached.filter(({ id }) => id === homeId) },
    { title: words.recent, choices: recent },
    { title: words.others, choices: reached.filter(({ id }) => !first.has(id)) },
  ];
  return groups.filter(({ choices }) => choices.length);
}

/** What is typed, once the keyboard rests. */
function useSettled(value: string): string {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), 150);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
