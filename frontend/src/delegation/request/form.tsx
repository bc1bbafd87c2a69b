import { useMemo, useState } from 'preact/hooks';
import { today } from '../../dates.ts';
import { byTheme } from '../../establishment/themes.ts';
import { graphql, type ResultOf } from '../../graphql.ts';
import { textOf } from '../../ui/csv.ts';
import { Choices, ErrorSummary, Field, LongField, type FieldError } from '../../ui/form.tsx';
import { Warning } from '../../ui/icons.tsx';
import type { Level } from '../../user/level.tsx';
import { texts as userTexts } from '../../user/texts.ts';
import type { Draft } from './draft.ts';
import { siretsOf } from './sirets.ts';
import { texts } from '../texts.ts';

export const DelegableFields = graphql(`
  fragment DelegableFields on EstablishmentService @_unmask {
    service { id code label description theme levels isDelegable }
    usersByLevel { level count }
  }
`);
export type Delegable = ResultOf<typeof DelegableFields>;

interface FormProps {
  draft: Draft;
  services: readonly Delegable[];
  errors: FieldError[];
  isBusy: boolean;
  onAmend: (part: Partial<Draft>) => void;
  onCheck: () => void;
}

const words = texts.request;

/** Whom, what, from when until when, and a word to them. */
export function RequestForm({ draft, services, errors, isBusy, onAmend, onCheck }: FormProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onCheck();
  };
  return (
    <form class="request-form" noValidate method="post" onSubmit={submit}>
      <ErrorSummary errors={errors} />
      <List sirets={draft.sirets} errors={errors} onChange={(sirets) => onAmend({ sirets })} />
      <Services services={services} levels={draft.levels} errors={errors} onChange={(levels) => onAmend({ levels })} />
      <section class="card" aria-labelledby="request-dates">
        <h3 id="request-dates">{words.dates}</h3>
        <div class="two-fields">
          <Field name="startsOn" label={words.startsOn} hint={words.startsOnHint} errors={errors} input={{ type: 'date', min: today(), value: draft.startsOn, onInput: (event) => onAmend({ startsOn: event.currentTarget.value }) }} />
          <Field name="endsOn" label={words.endsOn} hint={words.endsOnHint} errors={errors} input={{ type: 'date', min: draft.startsOn || today(), value: draft.endsOn, onInput: (event) => onAmend({ endsOn: event.currentTarget.value }) }} />
        </div>
        <LongField name="message" label={words.message} hint={words.messageHint} errors={errors} input={{ value: draft.message, maxLength: 1000, onInput: (event) => onAmend({ message: event.currentTarget.value }) }} />
      </section>
      <p class="soft">{words.kept}</p>
      <div class="actions">
        <button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.check}</button>
        <p role="status">{isBusy && words.checking}</p>
      </div>
    </form>
  );
}

/** A list of SIRETs, typed, pasted or read from a file. */
function List({ sirets, errors, onChange }: { sirets: string; errors: FieldError[]; onChange: (sirets: string) => void }) {
  const n = useMemo(() => siretsOf(sirets).length, [sirets]);
  const [said, say] = useState('');
  const [isWrong, setWrong] = useState(false);
  const take = async (file: File) => {
    const found = file.size > 1_000_000 ? [] : siretsOf(await textOf(file)).filter((each) => /\d/.test(each));
    setWrong(!found.length);
    say(file.size > 1_000_000 ? words.fileTooBig : found.length ? words.fileRead(found.length, file.name) : words.fileEmpty(file.name));
    // A table that was pasted is read as a list, so that the file's SIRETs can follow.
    if (found.length) onChange([...siretsOf(sirets), ...found].join('\n'));
  };
  return (
    <div class="card">
      <LongField name="sirets" label={words.sirets} hint={words.siretsHint} errors={errors}
        input={{ rows: 8, value: sirets, spellcheck: false, autocomplete: 'off', class: 'request-sirets', onInput: (event) => onChange(event.currentTarget.value) }} />
      <p class="soft" role="status">{words.read(n)}</p>
      <div class="field">
        <label for="file">{words.file}</label>
        <p class="hint" id="file-hint">{words.fileHint}</p>
        <input id="file" type="file" accept=".csv,.txt,.tsv,text/csv,text/plain" aria-describedby="file-hint"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) void take(file);
            event.currentTarget.value = '';
          }} />
      </div>
      <p role="status" class={isWrong ? 'field-error' : 'soft'}>{said && isWrong && <Warning />} {said}</p>
    </div>
  );
}

interface ServicesProps { services: readonly Delegable[]; levels: Draft['levels']; errors: FieldError[]; onChange: (levels: Draft['levels']) => void }

/** The services that can be delegated, by theme, with what people at home may do in each: nobody does more elsewhere. */
function Services({ services, levels, errors, onChange }: ServicesProps) {
  const own = errors.filter(({ field }) => field === 'services');
  const readAll = (rows: readonly Delegable[]) => onChange({ ...levels, ...Object.fromEntries(rows.map(({ service }) => [service.code, levels[service.code] === 'MODIFY' ? 'MODIFY' : 'READ' as Level])) });
  return (
    <div class="request-services" id="services" tabIndex={-1} role="group" aria-labelledby="request-services">
      <h3 id="request-services">{words.services}</h3>
      <p class="hint">{words.servicesHint}</p>
      {own.length > 0 && <p class="field-error"><Warning /> {own.map(({ message }) => message).join(' ')}</p>}
      {byTheme(services, ({ service }) => service.theme).map(([theme, rows]) => (
        <section key={theme} class="card level-choices" aria-labelledby={`theme-${theme}`}>
          <div class="section-head">
            <h4 id={`theme-${theme}`}>{theme}</h4>
            {rows.length > 2 && <button type="button" class="link" aria-label={words.allReadOf(theme)} onClick={() => readAll(rows)}>{words.allRead}</button>}
          </div>
          {rows.map(({ service, usersByLevel }) => {
            const people = usersByLevel.filter(({ level }) => level !== 'NONE').reduce((sum, { count }) => sum + count, 0);
            const value = levels[service.code] ?? 'NONE';
            return (
              <Choices key={service.code} className="level-choice" name={`service-${service.code}`} legend={service.label}
                hint={<>{service.description}<span class={people ? 'line' : 'line level-was'}>{people ? words.peopleHere(people) : words.nobodyHere}</span></>}
                options={service.levels.map((level) => ({ value: level, label: userTexts.level[level] }))} value={value}
                onChange={(level) => onChange({ ...levels, [service.code]: level })} />
            );
          })}
        </section>
      ))}
    </div>
  );
}
