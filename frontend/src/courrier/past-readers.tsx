import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { inWords, today, withTime } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { saveCsv } from '../ui/csv.ts';
import { Failure } from '../ui/failure.tsx';
import { Field, typed, type FieldError } from '../ui/form.tsx';
import { Download, Info } from '../ui/icons.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './past-texts.ts';

const PAGE = 100;

const PastReadersQuery = graphql(`
  query PastReaders($id: ID!, $date: Date!, $after: String) {
    readersOn(courrierId: $id, date: $date) {
      remark
      readers(first: 100, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { cursor node {
          level since until
          user { id firstName lastName } establishment { id name siret } through { id centralisateur { id name } }
        } }
      }
    }
  }
`);

type Reader = NonNullable<ResultOf<typeof PastReadersQuery>['readersOn']>['readers']['edges'][number]['node'];

interface Asked { id: string; reference: string }

/** Who could read the letter on a day of one's choice: for administrators of its establishment and operators; nothing for others (R-JRN-04). */
export function PastReaders({ id, reference }: Asked) {
  const [day, setDay] = useState(today());
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isAsked, ask] = useState(false);
  const { data, error, again } = useAnswer(PastReadersQuery, { id, date: day, after: null });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = typed(event.currentTarget as HTMLFormElement, 'day');
    const isWrong = !wanted || wanted > today();
    setErrors(isWrong ? [{ field: 'day', message: texts.missing }] : []);
    if (isWrong) return;
    ask(true);
    setDay(wanted);
  };
  if (data && !data.readersOn && !isAsked) return null;
  const found = data?.readersOn;
  const rows = found?.readers.edges.map(({ node, cursor }) => ({ ...node, cursor })) ?? [];
  const total = found?.readers.totalCount ?? 0;
  return (
    <section class="card past-readers" aria-labelledby="past-readers">
      <h2 id="past-readers">{texts.title}</h2>
      <p class="soft">{texts.help}</p>
      <form class="past-day" onSubmit={submit} noValidate>
        <Field name="day" label={texts.day} errors={errors} input={{ type: 'date', max: today(), defaultValue: day, required: true }} />
        <button type="submit" class="button">{texts.show}</button>
      </form>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={4} />}
      <p role="status">{found && texts.found(total, inWords(day))}</p>
      {found?.remark && <p class="notice"><Info /> <span>{found.remark}</span></p>}
      {rows.length > 0 && (
        <Table caption={texts.caption(inWords(day))} className="table-plain" rows={rows} keyOf={({ cursor }) => cursor} columns={[
          { header: texts.person, isRowHeader: true, cell: (one) => <>{nameOf(one)}<span class="line soft">{one.establishment.name}</span></> },
          { header: texts.capacity, cell: (one) => <>{capacityOf(one)}<span class="line soft">{texts.levels[one.level]}</span></> },
          { header: texts.since, cell: ({ since }) => withTime(since) },
          { header: texts.until, cell: ({ until }) => (until ? withTime(until) : texts.still) },
        ]} />
      )}
      {total > PAGE && <p class="soft">{texts.first(PAGE)}</p>}
      {rows.length > 0 && <Csv id={id} reference={reference} day={day} />}
    </section>
  );
}

const nameOf = ({ user }: Reader) => `${user.firstName} ${user.lastName}`;
const capacityOf = ({ through }: Reader) => (through ? texts.through(through.centralisateur.name) : texts.atHome);

/** All of them, page after page, as a file. */
function Csv({ id, reference, day }: Asked & { day: string }) {
  const client = useClient();
  const [said, say] = useState('');
  const pageAfter = async (after: string | null): Promise<ResultOf<typeof PastReadersQuery>['readersOn'] | undefined> => {
    const { data } = await client.query(PastReadersQuery, { id, date: day, after }, { requestPolicy: 'network-only' }).toPromise();
    return data?.readersOn;
  };
  const save = async () => {
    say('');
    const rows: string[][] = [[texts.person, texts.establishment, 'SIRET', texts.capacity, texts.level, texts.since, texts.until]];
    let after: string | null = null;
    do {
      const found = await pageAfter(after);
      if (!found) return say(texts.failed);
      const { edges, pageInfo } = found.readers;
      for (const { node } of edges) {
        rows.push([nameOf(node), node.establishment.name, node.establishment.siret, capacityOf(node), texts.levels[node.level], withTime(node.since), node.until ? withTime(node.until) : texts.still]);
      }
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after);
    saveCsv(texts.fileName(reference.replace(/[^\w-]+/g, '-'), day), rows);
  };
  return (
    <>
      <div class="actions"><button type="button" class="button" onClick={() => void save()}><Download /> {texts.csv}</button></div>
      <p role="status">{said}</p>
    </>
  );
}
