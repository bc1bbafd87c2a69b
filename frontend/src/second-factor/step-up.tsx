import { useClient } from '@urql/preact';
import { useEffect, useState } from 'preact/hooks';
import { onConfirmationNeeded } from '../graph.ts';
import { lazily } from '../ui/lazy.tsx';

const Dialog = lazily(async () => (await import('./step-up-dialog.tsx')).default, 'section');

/** Has every sensitive change that is refused for want of the second factor ask for it, then start again (R-ACC-16). */
export function StepUp() {
  const client = useClient();
  const [answer, setAnswer] = useState<{ with: (isConfirmed: boolean) => void } | null>(null);
  useEffect(() => {
    onConfirmationNeeded(() => new Promise((resolve) => setAnswer({ with: resolve })));
    return () => onConfirmationNeeded(null);
  }, [client]);
  if (!answer) return null;
  return <Dialog onAnswer={(isConfirmed: boolean) => {
    setAnswer(null);
    answer.with(isConfirmed);
  }} />;
}
