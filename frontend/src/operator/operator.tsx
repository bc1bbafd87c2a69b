import { Route, Switch } from 'wouter-preact';
import { lazily } from '../ui/lazy.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { Edition } from './edition.tsx';
import { OperatorCourriers } from './courriers.tsx';
import { OperatorEstablishment } from './establishment.tsx';
import { OperatorEstablishments } from './establishments.tsx';
import { Find } from './find.tsx';
import { Nomination } from './nomination.tsx';
import { Account } from '../user/account.tsx';
import { Registration } from './registration.tsx';
import { texts } from './texts.ts';

const OperatorJournal = lazily(async () => (await import('../journal/operator.tsx')).default);
const OperatorServices = lazily(async () => (await import('../service/services.tsx')).default);
const ServicePublication = lazily(async () => (await import('../service/publication.tsx')).default);
const Models = lazily(async () => (await import('../courrier-type/models.tsx')).default);
const Definition = lazily(async () => (await import('../courrier-type/definition.tsx')).default);
const Batches = lazily(async () => (await import('../deposit/batches.tsx')).default);
const BatchScreen = lazily(async () => (await import('../deposit/batch.tsx')).default);
const Adoption = lazily(async () => (await import('../adoption/dashboard.tsx')).default);
const NonReaders = lazily(async () => (await import('../adoption/non-readers.tsx')).default);
const ApiClients = lazily(async () => (await import('../api-client/clients.tsx')).default);
const ApiClientCreation = lazily(async () => (await import('../api-client/creation.tsx')).default);
const Board = lazily(async () => (await import('../notification/board.tsx')).default);
const Publication = lazily(async () => (await import('../terms/publication.tsx')).default);

/** The screens of operators, besides their home. */
export default function Operator() {
  return (
    <Switch>
      <Route path="/operateur/recherche"><Find /></Route>
      <Route path="/operateur/comptes/:id/:tab?">{({ id, tab }) => <Account key={id} id={decodeURIComponent(id)} tab={tab} base="/operateur/comptes" list="/operateur/recherche" back={texts.find.back} />}</Route>
      <Route path="/operateur/courriers"><OperatorCourriers /></Route>
      <Route path="/operateur/lots"><Batches /></Route>
      <Route path="/operateur/lots/:id">{({ id }) => <BatchScreen key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/etablissements"><OperatorEstablishments /></Route>
      <Route path="/operateur/etablissements/nouveau"><Registration /></Route>
      <Route path="/operateur/etablissements/:id/modifier">{({ id }) => <Edition key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/etablissements/:id/administrateur">{({ id }) => <Nomination key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/etablissements/:id">{({ id }) => <OperatorEstablishment key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/adoption"><Adoption /></Route>
      <Route path="/operateur/adoption/sans-lecture"><NonReaders /></Route>
      <Route path="/operateur/services"><OperatorServices /></Route>
      <Route path="/operateur/services/nouveau"><ServicePublication /></Route>
      <Route path="/operateur/modeles"><Models /></Route>
      <Route path="/operateur/modeles/nouveau"><Definition /></Route>
      <Route path="/operateur/modeles/:code">{({ code }) => <Definition key={code} code={decodeURIComponent(code)} />}</Route>
      <Route path="/operateur/clients"><ApiClients /></Route>
      <Route path="/operateur/clients/nouveau"><ApiClientCreation /></Route>
      <Route path="/operateur/messages"><Board /></Route>
      <Route path="/operateur/journal"><OperatorJournal /></Route>
      <Route path="/operateur/cgu"><Publication /></Route>
      <Route><NotFound /></Route>
    </Switch>
  );
}
