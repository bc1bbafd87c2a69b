import { Choices, Field, typed, type FieldError } from '../ui/form.tsx';
import { texts } from './texts.ts';

/** Who a person is and how to reach them, as a form holds it: '' where there is nothing. */
export interface PersonDetails { civility: 'MADAME' | 'MONSIEUR' | ''; firstName: string; lastName: string; email: string; phone: string }
export type Civility = PersonDetails['civility'];

export const PERSON_FIELDS = ['civility', 'firstName', 'lastName', 'email', 'phone'];
const words = texts.creation;

interface PersonFieldsProps {
  details: PersonDetails;
  civility: Civility;
  onCivility: (civility: Civility) => void;
  errors: FieldError[];
  emailHint: string;
}

/** The fields of a person: the same whether their account is created or corrected. */
export function PersonFields({ details, civility, onCivility, errors, emailHint }: PersonFieldsProps) {
  const text = (defaultValue: string) => ({ autocomplete: 'off', defaultValue });
  return (
    <>
      <p class="hint">{words.required}</p>
      <Choices name="civility" legend={words.civility} value={civility} onChange={onCivility} errors={errors}
        options={[{ value: 'MADAME', label: texts.civility.MADAME }, { value: 'MONSIEUR', label: texts.civility.MONSIEUR }, { value: '', label: words.noCivility }]} />
      <div class="two-fields">
        <Field name="firstName" label={words.firstName} errors={errors} input={{ ...text(details.firstName), required: true }} />
        <Field name="lastName" label={words.lastName} errors={errors} input={{ ...text(details.lastName), required: true }} />
      </div>
      <Field name="email" label={words.email} hint={emailHint} errors={errors} input={{ ...text(details.email), type: 'email', required: true }} />
      <Field name="phone" label={words.phone} errors={errors} input={{ ...text(details.phone), type: 'tel' }} />
    </>
  );
}

/** What was typed, and what the browser can already say is wrong with it. */
export function typedPerson(form: HTMLFormElement, civility: Civility): { given: PersonDetails; wrong: FieldError[] } {
  const given = { civility, firstName: typed(form, 'firstName'), lastName: typed(form, 'lastName'), email: typed(form, 'email'), phone: typed(form, 'phone') };
  const wrong = (['firstName', 'lastName', 'email'] as const).filter((field) => !given[field]).map((field): FieldError => ({ field, message: words.missing[field] }));
  if (!wrong.length && !/^\S+@\S+\.\S+$/.test(given.email)) wrong.push({ field: 'email', message: words.badEmail });
  return { given, wrong };
}
