import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { change } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { texts as common } from '../ui/texts.ts';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { Answer, ChallengeFields, type Challenge } from './answer.tsx';
import { texts } from './texts.ts';

const StartConfirmation = graphql(`
  mutation StartConfirmation { startConfirmation { challenge { ...ChallengeFields } errors { code message path } } }
`, [ChallengeFields]);

const words = texts.stepUp;

/** Asks for the second factor before a sensitive action; the browser keeps the focus inside, and Escape gives up. */
export default function StepUpDialog({ onAnswer }: { onAnswer: (isConfirmed: boolean) => void }) {
  const client = useClient();
  const box = useRef<HTMLDialogElement>(null);
  const isDone = useRef(false);
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  useEffect(() => {
    box.current?.showModal();
    void start([]);
  }, []);
  const start = async (refusals: FieldError[]) => {
    setChallenge(null);
    const { data, error } = await change(client, StartConfirmation, {});
    setErrors([...refusals, ...refusalsOf(data?.startConfirmation, error)]);
    setChallenge(data?.startConfirmation.challenge ?? null);
  };
  return (
    <dialog class="dialog" ref={box} aria-labelledby="step-up-title" onClose={() => onAnswer(isDone.current)}>
      <h2 id="step-up-title">{words.title}</h2>
      <p>{words.lead}</p>
      <ErrorSummary errors={errors} />
      {challenge
        ? <Answer key={challenge.token} challenge={challenge} mayTrust={false} onDead={(refusals) => void start(refusals)}
            onDone={() => {
              isDone.current = true;
              box.current?.close();
            }} />
        : !errors.length && <Waiting />}
      <button type="button" class="button" onClick={() => box.current?.close()}>{common.cancel}</button>
    </dialog>
  );
}
