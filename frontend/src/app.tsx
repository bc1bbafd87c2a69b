import type { ComponentType } from 'preact';
import { Redirect, Route, Switch, useLocation } from 'wouter-preact';
import { safePath, useQuery } from './address.ts';
import { useArrivals } from './courrier/arrivals.tsx';
import { Inbox } from './courrier/inbox.tsx';
import { useWithdrawals } from './courrier/withdrawals.tsx';
import { Home } from './home/home.tsx';
import { useGate } from './session/held-back.tsx';
import { SessionProvider, useSession, type Viewer } from './session/session.tsx';
import { SignIn } from './session/sign-in.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';
import { Failure } from './ui/failure.tsx';
import { lazily } from './ui/lazy.tsx';
import { Waiting } from './ui/waiting.tsx';

const ForgottenPassword = lazily(async () => (await import('./session/forgotten-password.tsx')).default);
const ForgottenIdentifier = lazily(async () => (await import('./session/forgotten-identifier.tsx')).default);
const Password = lazily(async () => (await import('./session/password.tsx')).default);
const Email = lazily(async () => (await import('./session/email.tsx')).default);
const ActFor = lazily(async () => (await import('./session/act-for.tsx')).default);
const Accessibility = lazily(async () => (await import('./shell/accessibility.tsx')).default);
const Courrier = lazily(async () => (await import('./courrier/courrier.tsx')).default);
const WithdrawnCourriers = lazily(async () => (await import('./courrier/withdrawn.tsx')).default);
const Establishment = lazily(async () => (await import('./establishment/establishment.tsx')).default);
const Person = lazily(async () => (await import('./person/person.tsx')).default);
const Terms = lazily(async () => (await import('./terms/terms.tsx')).default);
const Catalogue = lazily(async () => (await import('./courrier-type/catalogue.tsx')).default);
const Guides = lazily(async () => (await import('./guide/guides.tsx')).default);
const Guide = lazily(async () => (await import('./guide/guide.tsx')).default);
const Verification = lazily(async () => (await import('./verification/verification.tsx')).default);
const TermsAcceptance = lazily(async () => (await import('./terms/acceptance.tsx')).default);
const TermsAccepted = lazily(async () => (await import('./terms/accepted.tsx')).default);
const OwnActivity = lazily(async () => (await import('./journal/own-activity.tsx')).default);
const Operator = lazily(async () => (await import('./operator/operator.tsx')).default);
const OperatorHome = lazily(async () => (await import('./operator/home.tsx')).default);

export function App() {
  return <SessionProvider><Shell><Screens /></Shell></SessionProvider>;
}

/** Screens anyone may see, then those of somebody signed in. */
function Screens() {
  return (
    <Switch>
      <Route path="/connexion"><SignInOrBack /></Route>
      <Route path="/mot-de-passe-oublie"><ForgottenPassword /></Route>
      <Route path="/identifiant-oublie"><ForgottenIdentifier /></Route>
      <Route path="/mot-de-passe"><Password /></Route>
      <Route path="/adresse"><Email /></Route>
      <Route path="/accessibilite"><Accessibility /></Route>
      <Route path="/courriers-accessibles"><Catalogue /></Route>
      <Route path="/guides"><Guides /></Route>
      <Route path="/guides/:slug">{({ slug }) => <Guide key={slug} slug={decodeURIComponent(slug)} />}</Route>
      <Route path="/verification"><Verification /></Route>
      <Route path="/conditions"><Terms /></Route>
      <Route path="/conditions/version/:version">{({ version }) => <Terms key={version} version={decodeURIComponent(version)} />}</Route>
      <Route><Signed /></Route>
    </Switch>
  );
}

function SignInOrBack() {
  const { viewer } = useSession();
  const search = useQuery();
  if (viewer) return <Redirect to={safePath(new URLSearchParams(search).get('suite'))} replace />;
  return viewer === undefined ? <Pending /> : <SignIn />;
}

function Signed() {
  const { viewer } = useSession();
  const Gate = useGate(viewer);
  const [path] = useLocation();
  const search = useQuery();
  if (viewer === undefined) return <Pending />;
  if (viewer === null) {
    const wanted = search ? `${path}?${search}` : path;
    return <Redirect to={wanted === '/' ? '/connexion' : `/connexion?suite=${encodeURIComponent(wanted)}`} replace />;
  }
  return Gate ? <Gate /> : <SignedScreens viewer={viewer} />;
}

function SignedScreens({ viewer }: { viewer: Viewer }) {
  useArrivals(viewer);
  useWithdrawals();
  const HomeScreen: ComponentType = viewer.isOperator ? OperatorHome : Home;
  return (
    <Switch>
      <Route path="/"><HomeScreen /></Route>
      <Route path="/courriers">{viewer.isOperator ? <Redirect to="/operateur/courriers" replace /> : <Inbox />}</Route>
      <Route path="/courriers/retires"><WithdrawnCourriers /></Route>
      <Route path="/courriers/:id">{({ id }) => <Courrier key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/etablissement/*?"><Establishment /></Route>
      <Route path="/conditions/accepter"><TermsAcceptance /></Route>
      <Route path="/conditions/acceptees"><TermsAccepted /></Route>
      <Route path="/agir-pour"><ActFor /></Route>
      <Route path="/mes-informations"><Person /></Route>
      <Route path="/mon-activite"><OwnActivity /></Route>
      {viewer.isOperator && <Route path="/operateur/*"><Operator /></Route>}
      <Route><NotFound /></Route>
    </Switch>
  );
}

/** Before it is known who is there. */
function Pending() {
  const { error, again } = useSession();
  return <div class="page">{error ? <Failure error={error} again={again} /> : <Waiting />}</div>;
}
