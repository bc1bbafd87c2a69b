import { useSession } from '../session/session.tsx';
import { Page } from '../ui/page.tsx';
import { SecondFactors } from './section.tsx';
import { texts } from './texts.ts';

/** All that somebody sees who must have a second factor and has none (R-ACC-16). */
export default function EnrolmentGate() {
  const { renew } = useSession();
  return (
    <Page title={texts.gate.title} className="page-text">
      <p class="lead">{texts.gate.lead}</p>
      <section class="card" aria-labelledby="gate-factor">
        <h2 id="gate-factor">{texts.gate.choose}</h2>
        <SecondFactors onEnrolled={() => renew('signed-in')} />
      </section>
    </Page>
  );
}
