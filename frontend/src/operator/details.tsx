import { useState } from 'preact/hooks';
import { fundName } from '../courrier/texts.ts';
import { texts as establishmentTexts } from '../establishment/texts.ts';
import { graphql, type VariablesOf } from '../graphql.ts';
import { Choices, Field, Select, typed, type FieldError } from '../ui/form.tsx';
import { Cross } from '../ui/icons.tsx';
import { texts as userTexts } from '../user/texts.ts';
import { texts } from './texts.ts';

export const RegisterEstablishment = graphql(`
  mutation RegisterEstablishment($input: RegisterEstablishmentInput!) {
    registerEstablishment(input: $input) { establishment { id name } identifier errors { code message path } }
  }
`);

type Input = VariablesOf<typeof RegisterEstablishment>['input'];
export type Category = Input['category'];
export type Contract = Input['contracts'][number];
export type Person = Input['administrator'];

/** What is said of an establishment, its SIRET apart. */
export interface Details { name: string; category: Category; line1: string; line2: string; postalCode: string; city: string; inseeCode: string; functionalEmail: string; isCentralisateur: boolean; contracts: Contract[] }

const words = texts.details;
const categories = Object.keys(establishmentTexts.category) as Category[];
const funds: Contract['fund'][] = ['CNRACL', 'IRCANTEC', 'RAFP', 'FIPHFP', 'FNC', 'FAEFM', 'ATIACL', 'FSPOEIE'];

export const NO_DETAILS: Details = {
  name: '', category: 'COMMUNE', line1: '', line2: '', postalCode: '', city: '', inseeCode: '', functionalEmail: '', isCentralisateur: false, contracts: [{ fund: 'CNRACL', number: '' }],
};
export const NOBODY: Person = { civility: null, firstName: '', lastName: '', email: '', phone: '' };

/** The fields of a refusal's path, the deepest first. */
export const DETAIL_FIELDS = ['name', 'category', 'line1', 'line2', 'postalCode', 'city', 'inseeCode', 'functionalEmail'];
export const PERSON_FIELDS = ['firstName', 'lastName', 'email', 'phone', 'civility'];

/** As the graph takes them. */
export const readDetails = ({ line1, line2, postalCode, city, inseeCode, ...rest }: Details) => ({
  ...rest, address: { line1: line1 || null, line2: line2 || null, postalCode, city, inseeCode: inseeCode || null },
});

/** What was typed in a form of ours; contracts are not of the form's own fields. */
export function typedDetails(form: HTMLFormElement, chosen: Pick<Details, 'category' | 'isCentralisateur' | 'contracts'>): Details {
  const text = (name: string) => typed(form, name);
  return {
    ...chosen, name: text('name'), line1: text('line1'), line2: text('line2'), postalCode: text('postalCode'), city: text('city'), inseeCode: text('inseeCode'), functionalEmail: text('functionalEmail'),
    contracts: chosen.contracts.map(({ fund, number }) => ({ fund, number: number.trim() })),
  };
}

export function missingDetails(given: Details): FieldError[] {
  const errors: FieldError[] = (['name', 'postalCode', 'city'] as const).filter((field) => !given[field]).map((field) => ({ field, message: words.missing[field] }));
  if (given.postalCode && !/^[0-9]{5}$/.test(given.postalCode)) errors.push({ field: 'postalCode', message: words.badPostalCode });
  given.contracts.forEach(({ number }, place) => {
    if (!number) errors.push({ field: `contract-${place}`, message: words.missing.contract });
  });
  return errors;
}

export function missingPerson(given: Person): FieldError[] {
  const errors: FieldError[] = (['firstName', 'lastName', 'email'] as const).filter((field) => !given[field]).map((field) => ({ field, message: userTexts.creation.missing[field] }));
  if (given.email && !/^\S+@\S+\.\S+$/.test(given.email)) errors.push({ field: 'email', message: userTexts.creation.badEmail });
  return errors;
}

/** A refusal of a contract leads to its field, the others to the field they name. */
export function placed(errors: FieldError[], payload: readonly { message: string; path: readonly string[] }[] | undefined): FieldError[] {
  const contracts = new Map((payload ?? []).filter(({ path }) => path[0] === 'contracts').map(({ message, path }) => [message, `contract-${path[1] ?? 0}`]));
  return errors.map((error) => ({ ...error, field: error.field ?? contracts.get(error.message) ?? null }));
}

interface DetailsFieldsProps { details: Details; errors: FieldError[]; category: Category; onCategory: (category: Category) => void; isCentralisateur: boolean; onCentralisateur: (is: boolean) => void }

/** Name, category, address, functional address. */
export function DetailsFields({ details, errors, category, onCategory, isCentralisateur, onCentralisateur }: DetailsFieldsProps) {
  const text = (value: string) => ({ autocomplete: 'off', defaultValue: value });
  return (
    <>
      <Field name="name" label={words.name} errors={errors} input={{ ...text(details.name), required: true }} />
      <Select name="category" label={words.category} errors={errors} value={category} onChange={(value) => onCategory(value as Category)}
        options={categories.map((value) => ({ value, label: establishmentTexts.category[value] }))} />
      <Field name="line1" label={words.line1} errors={errors} input={text(details.line1)} />
      <Field name="line2" label={words.line2} errors={errors} input={text(details.line2)} />
      <div class="two-fields">
        <Field name="postalCode" label={words.postalCode} errors={errors} input={{ ...text(details.postalCode), inputMode: 'numeric', maxLength: 5, required: true }} />
        <Field name="city" label={words.city} errors={errors} input={{ ...text(details.city), required: true }} />
      </div>
      <Field name="inseeCode" label={words.inseeCode} hint={words.inseeHint} errors={errors} input={{ ...text(details.inseeCode), maxLength: 5 }} />
      <Field name="functionalEmail" label={words.functionalEmail} hint={words.functionalHint} errors={errors} input={{ ...text(details.functionalEmail), type: 'email' }} />
      <label class="checkbox">
        <input type="checkbox" name="isCentralisateur" checked={isCentralisateur} onChange={(event) => onCentralisateur(event.currentTarget.checked)} />
        <span>{words.isCentralisateur}<span class="line hint">{words.centralisateurHint}</span></span>
      </label>
    </>
  );
}

interface ContractsProps { contracts: Contract[]; errors: FieldError[]; onChange: (contracts: Contract[]) => void }

/** The contracts with the funds, one a line. */
export function ContractsFields({ contracts, errors, onChange }: ContractsProps) {
  const [keys, setKeys] = useState(() => contracts.map((_, place) => place));
  const set = (place: number, changes: Partial<Contract>) => onChange(contracts.map((each, at) => (at === place ? { ...each, ...changes } : each)));
  const add = () => {
    setKeys([...keys, Math.max(-1, ...keys) + 1]);
    onChange([...contracts, { fund: funds.find((fund) => !contracts.some((each) => each.fund === fund)) ?? 'CNRACL', number: '' }]);
  };
  const remove = (place: number) => {
    setKeys(keys.filter((_, at) => at !== place));
    onChange(contracts.filter((_, at) => at !== place));
    setTimeout(() => document.getElementById('add-contract')?.focus());
  };
  return (
    <>
      {contracts.map((contract, place) => (
        <fieldset key={keys[place]} class="contract">
          <legend class="sr-only">{words.contract(place + 1)}</legend>
          <Select name={`contract-fund-${place}`} label={words.fund} value={contract.fund} onChange={(value) => set(place, { fund: value as Contract['fund'] })}
            options={funds.map((value) => ({ value, label: fundName(value) }))} />
          <Field name={`contract-${place}`} label={words.number} errors={errors} input={{ autocomplete: 'off', value: contract.number, maxLength: 32, onInput: (event) => set(place, { number: event.currentTarget.value }) }}>
            {contracts.length > 1 && <button type="button" class="button-quiet" aria-label={words.removeContract(place + 1)} title={words.removeContract(place + 1)} onClick={() => remove(place)}><Cross /></button>}
          </Field>
        </fieldset>
      ))}
      <div class="actions"><button type="button" id="add-contract" class="button" onClick={add}>{words.addContract}</button></div>
    </>
  );
}

interface PersonProps { person: Person; errors: FieldError[]; civility: Person['civility']; onCivility: (civility: Person['civility']) => void }

/** The person who will administer. */
export function PersonFields({ person, errors, civility, onCivility }: PersonProps) {
  const text = (value: string | null | undefined) => ({ autocomplete: 'off', defaultValue: value ?? '' });
  const person_ = userTexts.creation;
  return (
    <>
      <Choices name="civility" legend={person_.civility} value={civility ?? ''} onChange={(value) => onCivility(value === '' ? null : value)} errors={errors}
        options={[{ value: 'MADAME', label: userTexts.civility.MADAME }, { value: 'MONSIEUR', label: userTexts.civility.MONSIEUR }, { value: '', label: person_.noCivility }]} />
      <div class="two-fields">
        <Field name="firstName" label={person_.firstName} errors={errors} input={{ ...text(person.firstName), required: true }} />
        <Field name="lastName" label={person_.lastName} errors={errors} input={{ ...text(person.lastName), required: true }} />
      </div>
      <Field name="email" label={person_.email} hint={person_.emailHint} errors={errors} input={{ ...text(person.email), type: 'email', required: true }} />
      <Field name="phone" label={person_.phone} errors={errors} input={{ ...text(person.phone), type: 'tel' }} />
    </>
  );
}

export function typedPerson(form: HTMLFormElement, civility: Person['civility']): Person {
  return { civility: civility ?? null, firstName: typed(form, 'firstName'), lastName: typed(form, 'lastName'), email: typed(form, 'email'), phone: typed(form, 'phone') || null };
}
