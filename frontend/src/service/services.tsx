import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { fundName } from '../courrier/texts.ts';
import { inFigures, inWords, today } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { announce } from '../ui/announcer.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, Field, type FieldError } from '../ui/form.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { texts } from './texts.ts';

const EveryServiceQuery = graphql(`
  query EveryService { services(all: true) { id code label theme onlineSince closedOn funds { code } } }
`);

const CloseService = graphql(`
  mutation CloseService($input: CloseServiceInput!) { closeService(input: $input) { service { id } errors { code message path } } }
`);

type Service = ResultOf<typeof EveryServiceQuery>['services'][number];
const words = texts.list;

/** Every service there is, was or will be; operators publish and close them. */
export default function Services() {
  const client = useClient();
  const { data, error, again } = useAnswer(EveryServiceQuery, {});
  const [asked, ask] = useState<Service | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const services = data?.services;
  const close = async ({ code, label }: Service, closedOn: string) => {
    const answer = await change(client, CloseService, { input: { code, closedOn } });
    const refusals = refusalsOf(answer.data?.closeService, answer.error);
    setErrors(refusals);
    if (!refusals.length) announce(texts.closing.done(label, inWords(closedOn)));
  };
  return (
    <Page title={words.title} className="page-wide" beside={<Link class="button button-strong" href="/operateur/services/nouveau">{words.publish}</Link>}>
      <p class="lead">{words.lead}</p>
      <ErrorSummary errors={errors} />
      {error && !services && <Failure error={error} again={again} />}
      {!services && !error && <Waiting lines={8} />}
      {services?.length === 0 && <p class="empty">{words.empty}</p>}
      {!!services?.length && (
        <Table caption={words.caption} rows={services} keyOf={({ id }) => id} columns={[
          { header: words.service, isRowHeader: true, cell: ({ label, code }) => <>{label}<span class="line soft">{code}</span></> },
          { header: words.theme, cell: ({ theme }) => theme },
          { header: words.funds, cell: ({ funds }) => funds.map(({ code }) => fundName(code)).join(', ') },
          { header: words.since, cell: ({ onlineSince }) => inFigures(onlineSince) },
          { header: words.state, cell: (service) => <State service={service} /> },
          { header: words.action, isHeaderHidden: true, cell: (service) => !isClosed(service) && <button type="button" class="button" aria-label={words.closeLabel(service.label)} onClick={() => ask(service)}>{words.close}</button> },
        ]} />
      )}
      {asked && <Closing service={asked} onConfirm={(day) => void close(asked, day)} onClose={() => ask(null)} />}
    </Page>
  );
}

const isClosed = ({ closedOn }: Service) => closedOn !== null && closedOn <= today();

function State({ service }: { service: Service }) {
  const { closedOn, onlineSince } = service;
  if (closedOn) return <span class="tag tag-warn">{(isClosed(service) ? words.closed : words.closing)(inFigures(closedOn))}</span>;
  return <>{onlineSince > today() ? words.toCome : words.open}</>;
}

function Closing({ service, onConfirm, onClose }: { service: Service; onConfirm: (day: string) => void; onClose: () => void }) {
  const [day, setDay] = useState(service.closedOn ?? today());
  return (
    <Confirmation title={texts.closing.title(service.label)} action={texts.closing.action} isDangerous onConfirm={() => onConfirm(day || today())} onClose={onClose}>
      <p>{texts.closing.what}</p>
      <Field name="closedOn" label={texts.closing.on} input={{ type: 'date', min: today(), value: day, onInput: (event) => setDay(event.currentTarget.value) }} />
    </Confirmation>
  );
}
