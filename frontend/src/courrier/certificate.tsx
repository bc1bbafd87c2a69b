import { useClient } from '@urql/preact';
import { useEffect, useRef } from 'preact/hooks';
import { sameOriginPath } from '../address.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Download } from '../ui/icons.tsx';
import { FRESH_FOR } from './document.tsx';
import { texts } from './texts.ts';

export const CertificateFields = graphql(`
  fragment CertificateFields on Courrier @_unmask { id pdf: certificateUrl(format: PDF) json: certificateUrl(format: JSON) }
`);

const FreshCertificateQuery = graphql(`
  query FreshCertificate($id: ID!) { node(id: $id) { __typename ... on Courrier { ...CertificateFields } } }
`, [CertificateFields]);

type Certified = ResultOf<typeof CertificateFields>;
const words = texts.certificate;

/** The certificate of the letter, in both forms; their signed addresses are renewed at the click when they have aged (R-COU-15). */
export function Certificate({ courrier }: { courrier: Certified }) {
  const client = useClient();
  const signedAt = useRef(Date.now());
  useEffect(() => {
    signedAt.current = Date.now();
  }, [courrier.pdf]);
  if (!courrier.pdf || !courrier.json) return null;
  const renew = async (event: MouseEvent, form: 'pdf' | 'json') => {
    if (Date.now() - signedAt.current < FRESH_FOR) return;
    event.preventDefault();
    const { data } = await client.query(FreshCertificateQuery, { id: courrier.id }, { requestPolicy: 'network-only' }).toPromise();
    const renewed = data?.node?.__typename === 'Courrier' ? data.node[form] : null;
    if (renewed) location.assign(sameOriginPath(renewed));
  };
  return (
    <section class="card" aria-labelledby="letter-certificate">
      <h2 id="letter-certificate">{words.title}</h2>
      <p class="soft">{words.help}</p>
      <div class="actions">
        {(['pdf', 'json'] as const).map((form) => (
          <a key={form} class="button" href={sameOriginPath(courrier[form]!)} download onClick={(event) => void renew(event, form)}><Download /> {words[form]}</a>
        ))}
      </div>
    </section>
  );
}
