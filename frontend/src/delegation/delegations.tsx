import { useViewer } from '../session/session.tsx';
import { Page } from '../ui/page.tsx';
import { Received } from './received.tsx';
import { Reserved, useIsAdministrator } from './reserved.tsx';
import { Sides } from './sides.tsx';
import { texts } from './texts.ts';

/** The delegations that this establishment was asked for. */
export function Delegations() {
  const isAdministrator = useIsAdministrator();
  const { actingFor } = useViewer();
  if (!isAdministrator || !actingFor) return <Reserved title={texts.title} />;
  return (
    <Page title={texts.title}>
      <p class="lead">{texts.lead}</p>
      <Sides current="received" />
      <Received />
    </Page>
  );
}
