import { daysFromToday, inFigures } from '../dates.ts';
import { graphql, type VariablesOf } from '../graphql.ts';
import type { Chip, Control } from '../ui/filters.tsx';
import { chipsOf } from '../ui/filters.tsx';
import { fundName, texts } from './texts.ts';

export const FilterChoicesQuery = graphql(`
  query FilterChoices { funds { code } courrierTypes { code label fund { code } } }
`);

/** Only there for the types of the variables every list of courriers shares. */
const shape = graphql(`
  query Shape($filter: CourrierFilter, $orderBy: CourrierOrder) { courriers(filter: $filter, orderBy: $orderBy) { totalCount } }
`);
export type CourrierFilter = NonNullable<VariablesOf<typeof shape>['filter']>;
export type CourrierOrder = NonNullable<VariablesOf<typeof shape>['orderBy']>;

/** Establishments that one list may be narrowed to. */
export const MOST_ADDRESSEES = 20;
const FUNDS = ['CNRACL', 'IRCANTEC', 'RAFP', 'FIPHFP', 'FNC', 'FAEFM', 'ATIACL', 'FSPOEIE'] as const;
const ORDERS = ['DEPOSITED_DESC', 'DEPOSITED_ASC', 'LETTER_DATE_DESC', 'DUE_ASC', 'SUBJECT_ASC', 'RELEVANCE'] as const;
/** Due within so many days, or before today. */
const DELAYS = ['7', '30', '90', 'depassee'] as const;

/** Which courriers the address asks for. What it says wrongly is left out. */
export function courrierFilter(params: URLSearchParams): CourrierFilter {
  const view = params.get('vue');
  const fund = FUNDS.find((code) => code === params.get('fonds'));
  const type = params.get('type');
  const addressees = addresseesOf(params);
  const year = /^\d{4}$/.exec(params.get('annee') ?? '')?.[0];
  return {
    archived: view === 'archives',
    ...(isOfAll(params) && addressees.length > 0 && { establishments: addressees }),
    ...(view === 'non-lus' && { unread: true }),
    ...(view === 'echeance' && { due: true }),
    ...(view === 'a-suivre' && { needsFollowUp: true }),
    ...(view === 'a-traiter' && dueWithin(30)),
    ...(view === 'a-acquitter' && { toAcknowledge: true }),
    ...delayOf(params),
    ...(fund && { funds: [fund] }),
    ...(type && { types: [type] }),
    ...(year && { fiscalYears: [Number(year)] }),
    ...dayOf(params, 'depuis', 'depositedFrom'),
    ...dayOf(params, 'jusque', 'depositedUntil'),
    ...(params.get('q') && { search: params.get('q') }),
  };
}

const dueWithin = (days: number) => ({ dueFrom: daysFromToday(0), dueUntil: daysFromToday(days) });

function delayOf(params: URLSearchParams): CourrierFilter {
  const delay = DELAYS.find((each) => each === params.get('delai'));
  if (!delay) return {};
  return delay === 'depassee' ? { dueUntil: daysFromToday(-1) } : dueWithin(Number(delay));
}

/** Whether the list is asked of all the establishments one reaches. */
export const isOfAll = (params: URLSearchParams) => params.get('etablissements') === 'tous';

/** The establishments a list over all is narrowed to. */
export const addresseesOf = (params: URLSearchParams): string[] => [...new Set((params.get('pour') ?? '').split(',').filter(Boolean))].slice(0, MOST_ADDRESSEES);

/** How an address narrows to these establishments. */
export const narrowedTo = (addressees: readonly string[]) => ({ pour: addressees.join(',') });

/** The order where the address says none: what is due, by day. */
const orderOf = (params: URLSearchParams): CourrierOrder => (params.get('vue') === 'a-traiter' ? 'DUE_ASC' : 'DEPOSITED_DESC');

export function courrierOrder(params: URLSearchParams): CourrierOrder {
  return ORDERS.find((order) => order === params.get('tri')) ?? orderOf(params);
}

/** What a list's address asks for, of all one reads for: where it is the list of one establishment, narrowed to that. */
export function asked(params: URLSearchParams, actingFor: string | undefined, places: number): { filter: CourrierFilter; orderBy: CourrierOrder } {
  const filter = courrierFilter(params);
  const isOne = actingFor && !(isOfAll(params) && places > 1);
  return { filter: isOne ? { ...filter, establishments: [actingFor] } : filter, orderBy: courrierOrder(params) };
}

/** Whether the list is the plain one: first page, newest first, nothing filtered out. */
export function isPlain(params: URLSearchParams): boolean {
  return [...params.keys()].every((name) => name === 'etablissements');
}

function dayOf<Name extends string>(params: URLSearchParams, name: string, as: Name): Partial<Record<Name, string>> {
  const day = params.get(name);
  return day && /^\d{4}-\d{2}-\d{2}$/.test(day) ? { [as]: day } as Record<Name, string> : {};
}

interface Choices { courrierTypes: readonly { code: string; label: string; fund: { code: string } }[] }

/** The controls of the filters panel; the types are those of the chosen fund. */
export function courrierControls(params: URLSearchParams, choices: Choices | undefined): Control[] {
  const fund = params.get('fonds');
  const types = choices?.courrierTypes.filter((type) => !fund || type.fund.code === fund) ?? [];
  // Without words there is nothing to answer well or badly.
  const plain = orderOf(params);
  const orders = ORDERS.filter((order) => order !== plain).filter((order) => order !== 'RELEVANCE' || params.has('q') || params.get('tri') === order);
  const thisYear = new Date().getFullYear();
  const words = texts.filter;
  return [
    { kind: 'choice', name: 'fonds', label: words.fund, options: FUNDS.map((code) => ({ value: code, label: fundName(code) })) },
    { kind: 'choice', name: 'type', label: words.type, options: types.map(({ code, label, fund: own }) => ({ value: code, label: fund ? label : `${fundName(own.code)}, ${label}` })) },
    { kind: 'choice', name: 'annee', label: words.year, options: Array.from({ length: 8 }, (_, i) => ({ value: String(thisYear - i), label: String(thisYear - i) })) },
    { kind: 'date', name: 'depuis', label: words.from },
    { kind: 'date', name: 'jusque', label: words.until },
    { kind: 'choice', name: 'delai', label: words.delay, options: DELAYS.map((delay) => ({ value: delay, label: words.delays[delay] })) },
    { kind: 'choice', name: 'tri', label: words.sort, all: words.sorts[plain], options: orders.map((order) => ({ value: order, label: words.sorts[order] })) },
  ];
}

export function courrierChips(params: URLSearchParams, controls: Control[], searchLabel = texts.inbox.searched): Chip[] {
  return chipsOf(params, searchLabel, controls, (control, value) => {
    if (control.kind === 'choice') return control.options.find((option) => option.value === value)?.label ?? value;
    return control.kind === 'date' ? inFigures(value) : value;
  });
}
