import { Page } from '../ui/page.tsx';
import { texts } from './texts.ts';

const words = texts.accessibility;

export default function Accessibility() {
  return (
    <Page title={words.title} className="page-text">
      <p class="lead">{words.lead}</p>
      <h2>{words.stateTitle}</h2>
      <p>{words.state}</p>
      <h2>{words.doneTitle}</h2>
      <p>{words.done}</p>
      <h2>{words.limitsTitle}</h2>
      <p>{words.limits}</p>
      <h2>{words.contactTitle}</h2>
      <p>{words.contact}</p>
    </Page>
  );
}
