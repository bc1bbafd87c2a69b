import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { fundName } from '../courrier/texts.ts';
import { inFigures } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { typed } from '../ui/form.tsx';
import { Search } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { focusResults, ResultCount } from '../ui/results.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { StatusTag } from '../user/status.tsx';
import { texts } from './texts.ts';

const FindQuery = graphql(`
  query Find($text: String!) {
    find(text: $text) {
      hasMore
      establishments { id name siret address { postalCode city } }
      users { id firstName lastName identifier email status establishment { id name } }
      courriers { id reference subject fund { code } establishment { id name } }
      deletedAccounts { identifier deletedAt establishment { id name } }
    }
  }
`);

const words = texts.find;

/** One box for whatever somebody on the phone says. */
export function FindBox({ text = '' }: { text?: string }) {
  const { navigate } = useAddress();
  const search = (event: SubmitEvent) => {
    event.preventDefault();
    navigate(`/operateur/recherche?q=${encodeURIComponent(typed(event.currentTarget as HTMLFormElement, 'q'))}`);
    focusResults();
  };
  return (
    <form class="filters-search" role="search" aria-label={words.search} onSubmit={search} key={text}>
      <label class="sr-only" for="q">{words.label}</label>
      <input id="q" name="q" type="search" placeholder={words.label} defaultValue={text} autocomplete="off" maxLength={200} />
      <button type="submit" class="button"><Search /> <span class="wide-only">{words.action}</span></button>
    </form>
  );
}

/** Everything a text names: identifier, address, SIRET, reference, name. */
export function Find() {
  const { params, full } = useAddress();
  const text = (params.get('q') ?? '').trim();
  const { data, error, again } = useAnswer(FindQuery, { text }, { pause: text.length < 2 });
  const found = text.length < 2 ? undefined : data?.find;
  const total = found ? found.establishments.length + found.users.length + found.courriers.length + found.deletedAccounts.length : 0;
  const path = (...parts: string[]) => `/operateur/${parts.map(encodeURIComponent).join('/')}`;
  return (
    <Page title={words.title} documentTitle={text ? `${words.title} : ${text}` : words.title}>
      <FindBox text={text} />
      <p class="hint">{words.hint}</p>
      {error && !found && <Failure error={error} again={again} />}
      {!found && !error && text.length >= 2 && <Waiting lines={6} />}
      {found && (
        <>
          <ResultCount>{total === 0 ? words.nothing(text) : found.hasMore ? words.more(total) : words.found(total)}</ResultCount>
          <Hits title={words.establishments} rows={found.establishments.map((each) => ({
            key: each.id, main: <Link href={path('etablissements', each.id)} state={{ from: full }}>{each.name}</Link>,
            detail: [each.siret, each.address && `${each.address.postalCode} ${each.address.city}`].filter(Boolean).join(', '),
          }))} />
          <Hits title={words.users} rows={found.users.map((each) => ({
            key: each.id, main: <><Link href={path('comptes', each.id)} state={{ from: full }}>{each.lastName.toUpperCase()} {each.firstName}</Link> <StatusTag status={each.status} /></>,
            detail: [each.identifier, each.email, each.establishment.name].filter(Boolean).join(', '),
          }))} />
          <Hits title={words.courriers} rows={found.courriers.map((each) => ({
            key: each.id, main: <Link href={`/courriers/${encodeURIComponent(each.id)}`} state={{ from: full }}>{each.subject}</Link>,
            detail: `${fundName(each.fund.code)}, ${each.reference}, ${each.establishment.name}`,
          }))} />
          <Hits title={words.deleted} rows={found.deletedAccounts.map((each) => ({
            key: each.identifier, main: <span class="figures">{each.identifier}</span>,
            detail: <>{words.deletedOn(inFigures(each.deletedAt))} <Link href={path('etablissements', each.establishment.id)} state={{ from: full }}>{each.establishment.name}</Link></>,
          }))} />
        </>
      )}
    </Page>
  );
}

interface Hit { key: string; main: ComponentChildren; detail: ComponentChildren }

function Hits({ title, rows }: { title: string; rows: Hit[] }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul class="choices">{rows.map(({ key, main, detail }) => <li key={key} class="choice"><div>{main}<span class="line soft">{detail}</span></div></li>)}</ul>
    </section>
  );
}
