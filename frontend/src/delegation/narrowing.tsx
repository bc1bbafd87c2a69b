import { useEffect, useRef, useState } from 'preact/hooks';
import { inWords, today } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { byTheme } from '../establishment/themes.ts';
import { Choices, ErrorSummary, Field } from '../ui/form.tsx';
import type { Level } from '../user/level.tsx';
import { texts as users } from '../user/texts.ts';
import type { Deciding } from './deciding.tsx';
import type { Decidable } from './decision.tsx';
import { texts } from './decision-texts.ts';

const ImpactQuery = graphql(`
  query NarrowedImpact($id: ID!, $services: [ServiceCode!]) {
    node(id: $id) { __typename ... on Delegation { id impact(services: $services) { sentence } } }
  }
`);

const words = texts.narrow;
const ORDER: Level[] = ['NONE', 'READ', 'MODIFY'];

interface NarrowingProps { delegation: Decidable; deciding: Deciding; onCancel: () => void }

/** An acceptance of less than was asked; the sentence of impact follows the choice (R-DEL-02, R-DEL-03). */
export function Narrowing({ delegation, deciding, onCancel }: NarrowingProps) {
  const { id, servicesAsked, startsOn, endsOn } = delegation;
  const heading = useRef<HTMLHeadingElement>(null);
  const [levels, setLevels] = useState<Readonly<Record<string, Level>>>(() => Object.fromEntries(servicesAsked.map(({ level, service }) => [service.code, level])));
  const earliest = startsOn && startsOn > today() ? startsOn : today();
  const [from, setFrom] = useState(earliest);
  const [until, setUntil] = useState(endsOn ?? '');
  useEffect(() => heading.current?.focus(), []);
  const kept = servicesAsked.filter(({ service }) => levels[service.code] !== 'NONE');
  const readAll = () => setLevels(Object.fromEntries(servicesAsked.map(({ level, service }) => [service.code, service.levels.includes('READ') ? 'READ' : level])));
  const accept = (event: SubmitEvent) => {
    event.preventDefault();
    void deciding.accept(delegation, {
      services: kept.map(({ service }) => ({ service: service.code, level: levels[service.code]! })),
      startsOn: from && from !== earliest ? from : null,
      endsOn: until && until !== endsOn ? until : null,
    });
  };
  return (
    <form class="narrowing" onSubmit={accept} noValidate>
      <ErrorSummary errors={deciding.errors} />
      <div class="narrowing-head">
        <h2 tabIndex={-1} ref={heading}>{words.title}</h2>
        <p class="soft">{words.lead}</p>
        {servicesAsked.some(({ level }) => level === 'MODIFY') && <p><button type="button" class="button" onClick={readAll}>{words.allRead}</button></p>}
      </div>
      <div id="services" tabIndex={-1} class="narrowing-services">
        {byTheme(servicesAsked, ({ service }) => service.theme).map(([theme, rows]) => (
          <section key={theme} class="card level-choices" aria-labelledby={`theme-${theme}`}>
            <h3 id={`theme-${theme}`}>{theme}</h3>
            {rows.map(({ level: asked, service }) => (
              <Choices key={service.code} className={levels[service.code] === asked ? 'level-choice' : 'level-choice is-changed'} name={`accorde-${service.code}`} legend={service.label} hint={service.description}
                options={ORDER.slice(0, ORDER.indexOf(asked) + 1).filter((level) => level === 'NONE' || level === asked || service.levels.includes(level)).map((level) => ({ value: level, label: level === 'NONE' ? words.none : users.level[level] }))}
                value={levels[service.code] ?? 'NONE'} onChange={(level) => setLevels((before) => ({ ...before, [service.code]: level }))} />
            ))}
          </section>
        ))}
      </div>
      <fieldset class="card narrowing-dates">
        <legend>{words.dates}</legend>
        <Field name="startsOn" label={words.startsOn} hint={words.startsOnHint(inWords(earliest))} errors={deciding.errors}
          input={{ type: 'date', min: earliest, value: from, onInput: (event) => setFrom(event.currentTarget.value) }} />
        <Field name="endsOn" label={words.endsOn} hint={endsOn ? words.endsOnHint(inWords(endsOn)) : words.endsOnOpen} errors={deciding.errors}
          input={{ type: 'date', min: from || earliest, ...(endsOn && { max: endsOn }), value: until, onInput: (event) => setUntil(event.currentTarget.value) }} />
      </fieldset>
      <div class="mark-bar narrowing-bar" role="group" aria-label={words.bar}>
        <Impact id={id} kept={kept.map(({ service }) => service.code)} all={servicesAsked.length} />
        <button type="submit" class="button button-strong" aria-disabled={deciding.isBusy || undefined}>{words.accept}</button>
        <button type="button" class="button" onClick={onCancel}>{words.cancel}</button>
      </div>
    </form>
  );
}

/** What the choice means, counted anew at each change. */
function Impact({ id, kept, all }: { id: string; kept: string[]; all: number }) {
  const { data } = useAnswer(ImpactQuery, { id, services: kept }, { pause: kept.length === 0 });
  const sentence = data?.node?.__typename === 'Delegation' ? data.node.impact?.sentence : undefined;
  return (
    <div role="status" class="narrowing-impact">
      {kept.length === 0 ? <p>{words.nothing}</p> : <p><span class="soft">{words.kept(kept.length, all)}</span> {sentence}</p>}
    </div>
  );
}
