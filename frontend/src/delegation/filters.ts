import { daysFromToday } from '../dates.ts';
import { type VariablesOf } from '../graphql.ts';
import { chipsOf, type Control } from '../ui/filters.tsx';
import type { RequestedQuery } from './requested.tsx';
import { texts } from './texts.ts';

export type View = keyof typeof texts.list.view;
type Filter = NonNullable<VariablesOf<typeof RequestedQuery>['filter']>;

const words = texts.list;
const DAYS = [30, 60, 90];
export const VIEWS = Object.keys(words.view) as View[];

const ofView: Record<View, Filter> = {
  '': {},
  'en-attente': { status: ['PENDING'] },
  'en-vigueur': { inForce: true },
  'a-venir': { status: ['ACCEPTED'], inForce: false },
  'refusees': { status: ['REFUSED'] },
  'finies': { status: ['ENDED', 'EXPIRED', 'WITHDRAWN'] },
};

export const viewOf = (params: URLSearchParams): View => VIEWS.find((view) => view === params.get('vue')) ?? '';

/** What the address asks of the list. Who acts and what ends are asked of what was accepted, unless a view says otherwise. */
export function filterOf(params: URLSearchParams): Filter {
  const view = viewOf(params);
  const search = params.get('q');
  const people = params.get('personnes');
  const days = daysOf(params);
  const narrows = people === 'sans' || people === 'avec' || days !== undefined;
  return {
    ...(narrows && !view && { status: ['ACCEPTED'] as const }),
    ...ofView[view],
    ...(search && { search }),
    ...((people === 'sans' || people === 'avec') && { hasMembers: people === 'avec' }),
    ...(days !== undefined && { endsUntil: daysFromToday(days) }),
  } as Filter;
}

export const orderOf = (params: URLSearchParams) => (params.get('tri') === 'fin' || (daysOf(params) !== undefined && !params.has('tri')) ? 'ENDS_ASC' : 'REQUESTED_DESC');

const daysOf = (params: URLSearchParams) => DAYS.find((days) => String(days) === params.get('fin'));

export const controls: Control[] = [
  { kind: 'choice', name: 'personnes', label: words.people, options: [{ value: 'sans', label: words.nobody }, { value: 'avec', label: words.somebody }] },
  { kind: 'choice', name: 'fin', label: words.ends, options: DAYS.map((n) => ({ value: String(n), label: words.days(n) })) },
  { kind: 'choice', name: 'tri', label: words.sort, all: words.newest, options: [{ value: 'fin', label: words.ending }] },
];

export const requestedChips = (params: URLSearchParams) =>
  chipsOf(params, words.search, controls, (control, value) => (control.kind === 'choice' && control.options.find((option) => option.value === value)?.label) || value);
