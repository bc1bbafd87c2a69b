import { Route, Switch } from 'wouter-preact';
import { NotFound } from '../shell/not-found.tsx';
import { Edition } from './edition.tsx';
import { OperatorCourriers } from './courriers.tsx';
import { OperatorEstablishment } from './establishment.tsx';
import { OperatorEstablishments } from './establishments.tsx';
import { Nomination } from './nomination.tsx';
import { Registration } from './registration.tsx';

/** The screens of operators, besides their home. */
export default function Operator() {
  return (
    <Switch>
      <Route path="/operateur/courriers"><OperatorCourriers /></Route>
      <Route path="/operateur/etablissements"><OperatorEstablishments /></Route>
      <Route path="/operateur/etablissements/nouveau"><Registration /></Route>
      <Route path="/operateur/etablissements/:id/modifier">{({ id }) => <Edition key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/etablissements/:id/administrateur">{({ id }) => <Nomination key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/etablissements/:id">{({ id }) => <OperatorEstablishment key={id} id={decodeURIComponent(id)} />}</Route>
      <Route><NotFound /></Route>
    </Switch>
  );
}
