import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Info } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { texts } from './texts.ts';

const AdministratorsQuery = graphql(`
  query WhoAsksDelegations { viewer { actingFor { id administrators { id firstName lastName email } } } }
`);

const words = texts.reserved;

/** Who asks for delegations and follows them, for somebody who does not. */
export function Reserved({ title, needsCentralisateur }: { title: string; needsCentralisateur?: boolean }) {
  const { actingFor } = useViewer();
  const access = actingFor?.viewerAccess;
  const name = actingFor?.name ?? '';
  return (
    <Page title={title}>
      <div class="notice">
        <Info />
        <div>{access?.through ? <p>{words.through(name)}</p> : needsCentralisateur && !actingFor?.isCentralisateur ? <p>{words.notCentralisateur(name)}</p> : <Administrators />}</div>
      </div>
    </Page>
  );
}

function Administrators() {
  const { data } = useAnswer(AdministratorsQuery, {});
  const administrators = data?.viewer?.actingFor?.administrators;
  if (administrators?.length === 0) return <p>{words.none}</p>;
  return (
    <>
      <h2>{words.title}</h2>
      <p>{words.help}</p>
      <ul>{administrators?.map((each) => <li key={each.id}>{each.firstName} {each.lastName}{each.email && <>, <a href={`mailto:${each.email}`}>{each.email}</a></>}</li>)}</ul>
    </>
  );
}

/** Whether the viewer administers the establishment they are in. */
export const useIsAdministrator = () => !!useViewer().actingFor?.viewerAccess.canManageAccounts;

/** The same, where it may ask for delegations. */
export function useIsAsker(): boolean {
  const { actingFor } = useViewer();
  return !!actingFor?.isCentralisateur && actingFor.viewerAccess.canManageAccounts;
}
