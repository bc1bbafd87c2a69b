import { useClient } from '@urql/preact';
import { useRef, useState } from 'preact/hooks';
import { withTime } from '../dates.ts';
import { change } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Check, Info } from '../ui/icons.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { CapacityFields, inCapacity } from './reader.ts';
import { texts } from './texts.ts';

export const AcknowledgingFields = graphql(`
  fragment AcknowledgingFields on Courrier @_unmask {
    id subject establishment { id name }
    acknowledgementRequired acknowledgedAt acknowledgedBy { id firstName lastName } acknowledgedThrough { ...CapacityFields }
  }
`, [CapacityFields]);

const AcknowledgeCourrier = graphql(`
  mutation AcknowledgeCourrier($input: AcknowledgeCourrierInput!) { acknowledgeCourrier(input: $input) { errors { code message path } } }
`);

const words = texts.acknowledging;

/** Where the fund asks for it: one says, for the establishment, that the letter was received; then who said so, and when (R-COU-06). */
export function Acknowledging({ courrier }: { courrier: ResultOf<typeof AcknowledgingFields> }) {
  const client = useClient();
  const { isOperator } = useViewer();
  const [isAsking, ask] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [isLate, setLate] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const place = useRef<HTMLDivElement>(null);
  const { id, subject, establishment, acknowledgementRequired, acknowledgedAt, acknowledgedBy, acknowledgedThrough } = courrier;
  if (!acknowledgementRequired || isOperator) return null;
  const acknowledge = async () => {
    if (isBusy) return;
    setBusy(true);
    const { data, error } = await change(client, AcknowledgeCourrier, { input: { id } });
    setBusy(false);
    const isSecond = !!data?.acknowledgeCourrier.errors.some(({ code }) => code === 'ALREADY_ACKNOWLEDGED');
    const refusals = isSecond ? [] : refusalsOf(data?.acknowledgeCourrier, error);
    setLate(isSecond);
    setErrors(refusals);
    if (!refusals.length) place.current?.focus();
  };
  return (
    <>
      <ErrorSummary errors={errors} />
      <div role="status" class="acknowledging" tabIndex={-1} ref={place}>
        {acknowledgedAt && (
          <p class="notice notice-good"><Check /> <span>{words.given(withTime(acknowledgedAt), acknowledgedBy ? inCapacity(acknowledgedBy, acknowledgedThrough) : '')} {isLate && words.late}</span></p>
        )}
      </div>
      {!acknowledgedAt && (
        <div class="notice notice-warn">
          <Info />
          <div>
            <h2>{words.title}</h2>
            <p>{words.help(establishment.name)}</p>
            <button type="button" class="button button-strong" aria-disabled={isBusy || undefined} onClick={() => ask(true)}>{words.action}</button>
          </div>
        </div>
      )}
      {isAsking && (
        <Confirmation title={words.ask} action={words.action} onConfirm={() => void acknowledge()} onClose={() => ask(false)}>
          <p>{words.what(subject, establishment.name)}</p>
        </Confirmation>
      )}
    </>
  );
}
