import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Field, typed } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { focusResults, ResultCount } from '../ui/results.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';
import './guide.css';

const GuidesQuery = graphql(`query Guides($search: String!) { guides(search: $search) { slug title about audience extract } }`);

type Guide = ResultOf<typeof GuidesQuery>['guides'][number];
const words = texts.list;
const audiences = ['EVERYONE', 'ADMINISTRATOR', 'DELEGATAIRE', 'CENTRALISATEUR', 'OPERATOR'] as const;

/** The guides, by whom they are for; or those where words were found. */
export default function Guides() {
  const { params, hrefWith, navigate } = useAddress();
  const search = params.get('recherche') ?? '';
  const { data, error, again } = useAnswer(GuidesQuery, { search });
  const guides = data?.guides ?? [];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    navigate(hrefWith({ recherche: typed(event.currentTarget as HTMLFormElement, 'recherche') || null }));
    focusResults();
  };
  return (
    <Page title={words.title}>
      <p class="lead">{words.lead}</p>
      <form class="guide-search" role="search" onSubmit={submit}>
        <Field name="recherche" label={words.search} input={{ type: 'search', defaultValue: search, maxLength: 100, key: search, autocomplete: 'off' }} />
        <div class="actions">
          <button type="submit" class="button button-strong">{words.submit}</button>
          {search && <Link class="button" href={hrefWith({ recherche: null })}>{words.clear}</Link>}
        </div>
      </form>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={6} />}
      {data && <ResultCount>{search ? words.found(guides.length, search) : words.all(guides.length)}</ResultCount>}
      {data && guides.length === 0 && <p class="soft">{search ? words.nothing : words.empty}</p>}
      {audiences.map((audience) => <For key={audience} audience={audience} guides={guides.filter((each) => each.audience === audience)} />)}
    </Page>
  );
}

function For({ audience, guides }: { audience: Guide['audience']; guides: readonly Guide[] }) {
  if (guides.length === 0) return null;
  return (
    <section class="card" aria-labelledby={`guides-${audience}`}>
      <h2 id={`guides-${audience}`}>{texts.audience[audience]}</h2>
      <ul class="guides">
        {guides.map(({ slug, title, about, extract }) => (
          <li key={slug}>
            <Link href={`/guides/${slug}`}>{title}</Link>
            <p>{about}</p>
            {extract && <p class="soft">{extract}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
