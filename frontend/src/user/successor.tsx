import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { change } from '../graph.ts';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Warning } from '../ui/icons.tsx';
import { refusalsOf, SetProfile } from './changes.ts';
import { ColleagueChoice } from './colleague.tsx';
import { texts } from './texts.ts';

const words = texts.successor;

interface SuccessorProps { userId: string; onNamed: () => void; onClose: () => void }

/** The last administrator cannot leave alone: a colleague is named in their place, then they are deleted, in one go. */
export function Successor({ userId, onNamed, onClose }: SuccessorProps) {
  const client = useClient();
  const [id, setId] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const go = async () => {
    if (isBusy) return;
    if (!id) return setErrors([{ field: 'copy-from', message: words.choose }]);
    setBusy(true);
    const { data, error } = await change(client, SetProfile, { input: { id, profile: 'ADMINISTRATOR' } });
    setBusy(false);
    const refusals = refusalsOf(data?.setProfile, error);
    setErrors(refusals);
    if (!refusals.length) onNamed();
  };
  return (
    <div class="notice notice-warn successor">
      <Warning />
      <div>
        <h3 tabIndex={-1} ref={title}>{words.title}</h3>
        <p>{words.why}</p>
        <ErrorSummary errors={errors} />
        <ColleagueChoice value={id} onChoose={setId} exceptId={userId} among={{ status: ['ACTIVE'], profile: 'USER' }} />
        <div class="actions">
          <button type="button" class="button button-danger" aria-disabled={isBusy || undefined} onClick={() => void go()}>{words.go}</button>
          <button type="button" class="button" onClick={onClose}>{words.giveUp}</button>
        </div>
      </div>
    </div>
  );
}
