import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { inWords } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { ErrorSummary } from '../ui/form.tsx';
import { Check } from '../ui/icons.tsx';
import { DecidedFields, Outcome, useDeciding, type Deciding } from './deciding.tsx';
import { texts } from './decision-texts.ts';
import { Narrowing } from './narrowing.tsx';
import { pathOf } from './paths.ts';
import { ReasonDialog } from './reason.tsx';
import { texts as common } from './texts.ts';

export const DecisionFields = graphql(`
  fragment DecisionFields on Delegation @_unmask {
    ...DecidedFields
    allowedActions requestedAt answerUntil endsOn message
    requestedBy { id firstName lastName }
    impact { sentence }
    servicesAsked { level service { id code label description theme levels } }
  }
`, [DecidedFields]);
export type Decidable = ResultOf<typeof DecisionFields>;

/** What the délégataire decides of a request. */
export function Decision({ delegation }: { delegation: Decidable }) {
  const deciding = useDeciding();
  const [isNarrowing, narrow] = useState(false);
  const canAccept = delegation.allowedActions.includes('ACCEPT');
  const could = useRef(canAccept);
  useEffect(() => {
    // A colleague decided while this was on screen: what, who, when (R-DEL-02).
    if (could.current && !canAccept && !deciding.isOwn(delegation.id)) deciding.tellLate(delegation);
    could.current = canAccept;
  }, [canAccept]);
  return (
    <>
      <Outcome outcome={deciding.outcome} />
      {!isNarrowing && <ErrorSummary errors={deciding.errors} />}
      {canAccept && (isNarrowing
        ? <Narrowing delegation={delegation} deciding={deciding} onCancel={() => narrow(false)} />
        : <Request delegation={delegation} deciding={deciding} onNarrow={() => narrow(true)} />)}
    </>
  );
}

interface RequestProps {
  delegation: Decidable;
  deciding: Deciding;
  /** Where the whole of it is shown; without it, among others. */
  onNarrow?: () => void;
}

/** A request: first what accepting means, in one sentence; then who asks what, and the ways to answer (R-DEL-02, R-DEL-03). */
export function Request({ delegation, deciding, onNarrow }: RequestProps) {
  const [isRefusing, refuse] = useState(false);
  const [reason, setReason] = useState('');
  const { id, centralisateur, impact, requestedBy, requestedAt, answerUntil, message } = delegation;
  return (
    <section class="card decision" aria-labelledby={`request-${id}`}>
      <h2 id={`request-${id}`}>{texts.asks(centralisateur.name)}</h2>
      {impact && <p class="decision-impact">{impact.sentence}</p>}
      <dl class="facts facts-wide">
        {(['MODIFY', 'READ'] as const).map((level) => {
          const labels = delegation.servicesAsked.filter((each) => each.level === level).map(({ service }) => service.label);
          return labels.length > 0 && <div key={level}><dt>{texts.level[level]}</dt><dd>{labels.join(', ')}</dd></div>;
        })}
        <div><dt>{texts.period}</dt><dd>{periodOf(delegation)}</dd></div>
        <div><dt>{texts.never}</dt><dd>{texts.neverWhat}</dd></div>
        {message && <div><dt>{texts.message}</dt><dd class="decision-message">{message}</dd></div>}
      </dl>
      <p class="soft">{texts.askedBy(`${requestedBy.firstName} ${requestedBy.lastName}`, inWords(requestedAt))}{answerUntil && ` ${texts.answerUntil(inWords(answerUntil))}`}</p>
      <div class="actions">
        <button type="button" class="button button-strong" aria-disabled={deciding.isBusy || undefined} onClick={() => void deciding.accept(delegation)}><Check /> {texts.accept}</button>
        {onNarrow ? (
          <>
            <button type="button" class="button" onClick={onNarrow}>{texts.partly}</button>
            <button type="button" class="button" onClick={() => refuse(true)}>{texts.refuse}</button>
          </>
        ) : <Link class="button" href={pathOf(id)}>{texts.examine}<span class="sr-only">{texts.examineOf(centralisateur.name)}</span></Link>}
      </div>
      {isRefusing && (
        <ReasonDialog title={texts.refusal.ask(centralisateur.name)} what={texts.refusal.what(centralisateur.name)} action={texts.refusal.action} missing={texts.refusal.missing}
          reason={reason} onReason={setReason} onConfirm={(why) => void deciding.refuse(delegation, why)} onClose={() => refuse(false)} />
      )}
    </section>
  );
}

/** From when until when, as it is asked. */
function periodOf({ startsOn, endsOn }: Decidable): string {
  return `${startsOn ? common.request.from(inWords(startsOn)) : common.request.fromAcceptance}, ${endsOn ? common.until(inWords(endsOn)) : common.unlimited}`;
}
