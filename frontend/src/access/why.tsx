import { useState } from 'preact/hooks';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Check, Info } from '../ui/icons.tsx';
import { typeset } from '../ui/typography.ts';
import { Waiting } from '../ui/waiting.tsx';
import { LevelTag } from '../user/level.tsx';
import { texts } from './texts.ts';
import './access.css';

const WhyQuery = graphql(`
  query Why($userId: ID!, $service: ServiceCode, $courrierId: ID) {
    explainAccess(userId: $userId, service: $service, courrierId: $courrierId) {
      allowed level because { code message } askWhom { id firstName lastName email }
    }
  }
`);

type Explanation = NonNullable<ResultOf<typeof WhyQuery>['explainAccess']>;
/** Whose access, to one thing: a service in their establishment, or a letter. */
export type Question = { userId: string } & ({ service: string } | { courrierId: string });

/** « Pourquoi ? », folded: asked of the server when it is opened. `about` says of what, for who doesn't see the place. */
export function Why({ about, label, ...question }: Question & { about: string; label?: string }) {
  const [isOpen, open] = useState(false);
  return (
    <details class="why" onToggle={(event) => open(event.currentTarget.open)}>
      <summary>{label ?? <>{texts.why}<span class="sr-only">{texts.about(about)}</span></>}</summary>
      {isOpen && <WhyAnswer {...question} />}
    </details>
  );
}

/** The path that allows it, or the first thing missing and who can mend it. */
export function WhyAnswer({ userId, ...thing }: Question) {
  const { data, error, again } = useAnswer(WhyQuery, { userId, service: null, courrierId: null, ...thing });
  if (!data) return error ? <Failure error={error} again={again} /> : <Waiting lines={2} />;
  return <div class="why-answer" role="status">{data.explainAccess ? <Told explanation={data.explainAccess} /> : <p>{texts.nobody}</p>}</div>;
}

function Told({ explanation: { allowed, level, because, askWhom } }: { explanation: Explanation }) {
  return (
    <>
      <p>{texts.level} <LevelTag level={level} /></p>
      <ul class="why-reasons">
        {because.map(({ message }) => <li key={message}>{allowed ? <Check /> : <Info />} <span>{typeset(message)}</span></li>)}
      </ul>
      {!allowed && askWhom.length > 0 && (
        <>
          <p>{texts.ask}</p>
          <ul class="plain">{askWhom.map((each) => <li key={each.id}>{each.firstName} {each.lastName}{each.email && <>, <a href={`mailto:${each.email}`}>{each.email}</a></>}</li>)}</ul>
        </>
      )}
    </>
  );
}
