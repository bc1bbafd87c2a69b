import { Page } from '../ui/page.tsx';
import type { FieldError } from '../ui/form.tsx';
import { Answer, type Challenge } from './answer.tsx';
import { texts } from './texts.ts';

const words = texts.answer;

/** The second step of signing in: the password was right. */
export default function SignInStep({ challenge, onDone, onDead }: { challenge: Challenge; onDone: () => void; onDead: (errors: FieldError[]) => void }) {
  return (
    <Page title={words.title} className="page-narrow">
      <p class="lead" role="status">{words.lead}</p>
      <div class="card"><Answer challenge={challenge} mayTrust onDone={onDone} onDead={onDead} /></div>
      <p><button type="button" class="link" onClick={() => onDead([])}>{words.restart}</button></p>
      <p class="soft">{words.lost}</p>
    </Page>
  );
}
