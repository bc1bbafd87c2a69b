import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Changes, useAddress } from '../address.ts';
import { Cross, Search, Sliders } from './icons.tsx';
import { firstPage } from './pager.tsx';
import { focusResults } from './results.tsx';
import { texts } from './texts.ts';

export interface Option { value: string; label: string }
export type Control =
  | { kind: 'choice'; name: string; label: string; options: Option[]; all?: string }
  | { kind: 'date'; name: string; label: string }
  | { kind: 'text'; name: string; label: string };
/** What is applied. Taking it away empties the parameter of its name, or makes the changes it says. */
export interface Chip { name: string; label: string; without?: Changes }

interface FiltersProps {
  address: ReturnType<typeof useAddress>;
  /** Without it there is nothing to search in. */
  searchLabel?: string;
  /** How to search well, under the field. */
  searchHelp?: string;
  controls: Control[];
  chips: Chip[];
  /** Other ways to filter, beside the search field. */
  beside?: ComponentChildren;
  children?: ComponentChildren;
}

/** A search field, the other filters folded away, and what is applied: the address bar holds them all. */
export function Filters({ address, searchLabel, searchHelp, controls, chips, beside, children }: FiltersProps) {
  const { params, hrefWith, navigate, path } = address;
  const form = useRef<HTMLFormElement>(null);
  const names = ['q', ...controls.map((control) => control.name)];
  const apply = (event: Event) => {
    event.preventDefault();
    const values = new FormData(form.current!);
    navigate(hrefWith({ ...firstPage, ...Object.fromEntries(names.map((name) => [name, String(values.get(name) ?? '').trim()])) }));
    focusResults();
  };
  const folded = controls.filter((control) => params.get(control.name)).length;
  return (
    <div role="search" class="filters">
      {/* The key makes the fields say what the address says, also after « back ». */}
      <form ref={form} key={params.toString()} action={path} onSubmit={apply}>
        {searchLabel && (
          <div class="filters-search">
            <label class="sr-only" for="q">{searchLabel}</label>
            <input id="q" name="q" type="search" placeholder={searchLabel} defaultValue={params.get('q') ?? ''} autocomplete="off" aria-describedby={searchHelp && 'q-help'} />
            <button type="submit" class="button"><Search /> <span class="wide-only">{texts.filters.search}</span></button>
            {searchHelp && <p id="q-help" class="hint">{searchHelp}</p>}
          </div>
        )}
        {beside}
        {controls.length > 0 && (
          <details class="filters-more">
            <summary><Sliders /> {texts.filters.title}{folded > 0 && ` (${folded})`}</summary>
            <div class="filters-grid">
              {controls.map((control) => <FilterControl key={control.name} control={control} value={params.get(control.name) ?? ''} />)}
              <button type="submit" class="button button-strong">{texts.filters.apply}</button>
            </div>
          </details>
        )}
      </form>
      {chips.length > 0 && (
        <ul class="chips" aria-label={texts.filters.active}>
          {chips.map(({ name, label, without }) => (
            <li key={`${name} ${label}`}>
              <Link class="chip" onClick={focusResults} href={hrefWith({ ...firstPage, ...(without ?? { [name]: null }) })} aria-label={texts.filters.remove(label)}>{label} <Cross /></Link>
            </li>
          ))}
          <li><Link onClick={focusResults} href={hrefWith({ ...firstPage, ...Object.fromEntries(chips.map(({ name }) => [name, null])) })}>{texts.filters.clear}</Link></li>
        </ul>
      )}
      {children}
    </div>
  );
}

function FilterControl({ control, value }: { control: Control; value: string }) {
  const id = `filter-${control.name}`;
  return (
    <div class="field">
      <label for={id}>{control.label}</label>
      {control.kind === 'choice' ? (
        <select id={id} name={control.name}>
          <option value="" selected={!value}>{control.all ?? texts.filters.all}</option>
          {control.options.map((option) => <option key={option.value} value={option.value} selected={option.value === value}>{option.label}</option>)}
        </select>
      ) : (
        <input id={id} name={control.name} type={control.kind} defaultValue={value} />
      )}
    </div>
  );
}

/** The chips of the filters the address holds, with the words of their controls. */
export function chipsOf(params: URLSearchParams, searchLabel: string, controls: Control[], shown: (control: Control, value: string) => string): Chip[] {
  const chips = controls.flatMap((control) => {
    const value = params.get(control.name);
    return value ? [{ name: control.name, label: `${control.label} : ${shown(control, value)}` }] : [];
  });
  const searched = params.get('q');
  return searched ? [{ name: 'q', label: `${searchLabel} : ${searched}` }, ...chips] : chips;
}
