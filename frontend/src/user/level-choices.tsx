import { useState } from 'preact/hooks';
import { byTheme } from '../establishment/themes.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Choices } from '../ui/form.tsx';
import { ColleagueChoice } from './colleague.tsx';
import type { Level } from './level.tsx';
import { texts } from './texts.ts';

const shape = graphql(`fragment ServiceShape on Service @_unmask { id code label description theme levels }`);
export type Service = ResultOf<typeof shape>;
/** A level by the code of its service; a service left out is at Aucun. */
export type Levels = Readonly<Record<string, Level>>;
export interface LevelChange { service: Service; from: Level; to: Level }

const words = texts.rights;
const ORDER: Level[] = ['NONE', 'READ', 'MODIFY'];

/** What goes from the levels held to those wanted, in the order of the services. */
export function changesBetween(services: readonly Service[], held: Levels, wanted: Levels): LevelChange[] {
  return services
    .map((service) => ({ service, from: held[service.code] ?? 'NONE', to: wanted[service.code] ?? held[service.code] ?? 'NONE' }))
    .filter(({ from, to }) => from !== to);
}

interface LevelChoicesProps {
  services: readonly Service[];
  held: Levels;
  wanted: Levels;
  /** What else is known of a right: since when, by whom. */
  note?: (service: Service) => string | null;
  onChoose: (code: string, level: Level) => void;
}

/** Each service, by theme, with its levels to choose from; those that would change say what they were. */
export function LevelChoices({ services, held, wanted, note, onChoose }: LevelChoicesProps) {
  return (
    <>
      {byTheme(services, (service) => service.theme).map(([theme, rows]) => (
        <section key={theme} class="card level-choices" aria-labelledby={`theme-${theme}`}>
          <h2 id={`theme-${theme}`}>{theme}</h2>
          {rows.map((service) => {
            const from = held[service.code] ?? 'NONE';
            const value = wanted[service.code] ?? from;
            const about = note?.(service);
            return (
              <Choices key={service.code} className={value === from ? 'level-choice' : 'level-choice is-changed'} name={`droit-${service.code}`} legend={service.label}
                hint={<>{service.description}{about && <span class="line">{about}</span>}{value !== from && <strong class="line level-was">{words.was(texts.level[from])}</strong>}</>}
                options={ORDER.filter((level) => level === value || level === from || service.levels.includes(level)).map((level) => ({ value: level, label: texts.level[level] }))}
                value={value} onChange={(level) => onChoose(service.code, level)} />
            );
          })}
        </section>
      ))}
    </>
  );
}

/** The changes one by one: « Courriers CNRACL : de Aucun à Lecture seule ». */
export function LevelChanges({ changes }: { changes: readonly LevelChange[] }) {
  return <>{changes.map(({ service, from, to }) => <li key={service.code}><strong>{service.label}</strong>{words.fromTo(texts.level[from], texts.level[to])}</li>)}</>;
}

const ColleagueQuery = graphql(`
  query ColleagueRights($id: ID!) { node(id: $id) { __typename ... on User { id firstName lastName rights { level service { id code } } } } }
`);

/** Takes the levels of a colleague as those wanted, to be seen and corrected first: nothing is saved by it, so it is no `copyRights`. */
export function CopyLevels({ exceptId, onCopy }: { exceptId?: string; onCopy: (levels: Levels) => void }) {
  const [isOpen, open] = useState(false);
  return (
    <details class="copy-rights" onToggle={(event) => open(event.currentTarget.open)}>
      <summary>{words.copy}</summary>
      {isOpen && <CopyForm exceptId={exceptId} onCopy={onCopy} />}
    </details>
  );
}

function CopyForm({ exceptId, onCopy }: { exceptId: string | undefined; onCopy: (levels: Levels) => void }) {
  const [id, setId] = useState('');
  const [copied, setCopied] = useState('');
  const { data, isWaiting } = useAnswer(ColleagueQuery, { id }, { pause: !id });
  const colleague = data?.node?.__typename === 'User' && data.node.id === id ? data.node : undefined;
  const copy = () => {
    if (!colleague || isWaiting) return;
    onCopy(Object.fromEntries((colleague.rights ?? []).map(({ level, service }) => [service.code, level])));
    setCopied(words.copied(`${colleague.firstName} ${colleague.lastName}`));
  };
  return (
    <div class="copy-form">
      <p class="hint">{words.copyHelp}</p>
      <ColleagueChoice value={id} onChoose={setId} exceptId={exceptId} />
      <div><button type="button" class="button" aria-disabled={!colleague || undefined} onClick={copy}>{words.doCopy}</button></div>
      <p role="status">{copied}</p>
    </div>
  );
}
