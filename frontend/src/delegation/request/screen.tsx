import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../../address.ts';
import { change, useAnswer } from '../../graph.ts';
import { graphql } from '../../graphql.ts';
import { useViewer } from '../../session/session.tsx';
import { Failure } from '../../ui/failure.tsx';
import type { FieldError } from '../../ui/form.tsx';
import { ArrowLeft, Info } from '../../ui/icons.tsx';
import { useKey } from '../../ui/idempotency.ts';
import { keep } from '../../ui/kept.ts';
import { useLeavingQuestion } from '../../ui/leaving.ts';
import { Page } from '../../ui/page.tsx';
import { refusalsOf } from '../../ui/refusals.ts';
import { Waiting } from '../../ui/waiting.tsx';
import { RequestDelegations } from '../changes.ts';
import { isEmpty, NOTHING, requestOf, useDraft, type Request } from './draft.ts';
import { REQUESTED } from '../paths.ts';
import { followRequest, type Progress } from './progress.ts';
import { RequestCheck } from './check.tsx';
import { DelegableFields, RequestForm } from './form.tsx';
import { isRefused, type Line } from './lines.tsx';
import { RequestResult } from './result.tsx';
import { Reserved, useIsAsker } from '../reserved.tsx';
import { texts } from '../texts.ts';
import '../delegation.css';

const DelegableQuery = graphql(`
  query DelegableServices { viewer { actingFor { id services { ...DelegableFields } } } }
`, [DelegableFields]);

interface Checked { request: Request; lines: readonly Line[] }
/** How a request is being sent: how far it has come, or that no answer came: a part of it may have been done. */
export type Sending = Progress | 'cut' | null;

const words = texts.request;
const MOST = 2000;
const FIELDS = ['sirets', 'services', 'startsOn', 'endsOn', 'message'];
const STEPS = ['form', 'check', 'result'] as const;

/** « Demander des délégations »: to one or thousands, seen first, then sent, with the result of each line. */
export default function RequestScreen() {
  return useIsAsker() ? <Asking /> : <Reserved title={words.title} needsCentralisateur />;
}

function Asking() {
  const client = useClient();
  const { user } = useViewer();
  const { params, navigate, hrefWith } = useAddress();
  const { data, error, again } = useAnswer(DelegableQuery, {});
  const { draft, replace, amend, wasRecalled } = useDraft(user?.id ?? '');
  const keyName = `demande.cle.${user?.id ?? ''}`;
  const keyOf = useKey(keyName);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [result, setResult] = useState<{ lines: readonly Line[]; errors: FieldError[] } | null>(null);
  const [sending, setSending] = useState<Sending>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isRecalled, setRecalled] = useState(wasRecalled);
  const isSending = sending !== null && sending !== 'cut';
  useLeavingQuestion(isSending, words.leave);
  const step = result ? 'result' : params.get('etape') === 'verification' && checked ? 'check' : 'form';
  const title = useStepTitle(step);

  const startAgain = () => {
    replace(NOTHING);
    setChecked(null);
    setErrors([]);
    keep(keyName, null);
    setRecalled(false);
    setResult(null);
    if (params.has('etape')) navigate(hrefWith({ etape: null }), { replace: true });
  };
  const check = async () => {
    if (isBusy) return;
    const request = requestOf(draft);
    const missing = refusalsBefore(request);
    setErrors(missing);
    if (missing.length) return;
    setBusy(true);
    const answer = await change(client, RequestDelegations, { input: { ...request, dryRun: true } });
    setBusy(false);
    const payload = answer.data?.requestDelegations;
    const refusals = refusalsOf(payload && { errors: payload.errors }, answer.error, FIELDS);
    setErrors(refusals);
    if (!payload || refusals.length) return;
    setChecked({ request, lines: payload.results });
    navigate(hrefWith({ etape: 'verification' }));
  };
  const send = async () => {
    if (!checked || isSending) return;
    const { request } = checked;
    const key = keyOf(request);
    setErrors([]);
    setSending({ total: request.sirets.length, treated: 0, asked: 0, isOver: false });
    const stop = followRequest(client, key, setSending);
    const answer = await change(client, RequestDelegations, { input: { ...request, idempotencyKey: key } });
    stop();
    const payload = answer.data?.requestDelegations;
    setSending(payload ? null : 'cut');
    if (!payload) return;
    const refusals = refusalsOf({ errors: payload.errors }, undefined, FIELDS);
    if (!payload.results.length) return setErrors(refusals);
    if (!refusals.length) {
      replace(NOTHING);
      keep(keyName, null);
    }
    setChecked(null);
    setResult({ lines: payload.results, errors: refusals });
    navigate(hrefWith({ etape: 'resultat' }), { replace: true });
  };
  /** The lines that would be refused leave the list; what becomes of the others does not change. */
  const removeRefused = () => {
    if (!checked) return;
    const lines = checked.lines.filter((line) => !isRefused(line));
    const sirets = lines.map(({ siret }) => siret);
    replace({ ...draft, sirets: sirets.join('\n') });
    setChecked({ request: { ...checked.request, sirets }, lines });
    return () => {
      replace(draft);
      setChecked(checked);
    };
  };

  const services = data?.viewer?.actingFor?.services.filter(({ service }) => service.isDelegable);
  return (
    <Page title={words.title} className={step === 'form' ? 'page-form' : 'page-wide'} documentTitle={`${words.step[step]} – ${words.title}`} above={<p class="above"><Link href={REQUESTED}><ArrowLeft /> {words.back}</Link></p>}>
      <ol class="steps" aria-label={words.steps}>{STEPS.map((each) => <li key={each} aria-current={each === step ? 'step' : undefined}>{words.step[each]}</li>)}</ol>
      <h2 class="sr-only" tabIndex={-1} ref={title}>{words.step[step]}</h2>
      {step === 'form' && (
        <>
          <p class="lead request-lead">{words.lead}</p>
          {isRecalled && !isEmpty(draft) && <div class="notice" role="status"><Info /><div><p>{words.recalled}</p><button type="button" class="link" onClick={startAgain}>{words.startAgain}</button></div></div>}
          {error && !services && <Failure error={error} again={again} />}
          {!services && !error && <Waiting lines={8} />}
          {services && <RequestForm draft={draft} services={services} errors={errors} isBusy={isBusy} onAmend={(part) => { amend(part); setChecked(null); }} onCheck={() => void check()} />}
        </>
      )}
      {step === 'check' && checked && (
        <RequestCheck request={checked.request} lines={checked.lines} sending={sending} errors={errors} onSend={() => void send()} onRemoveRefused={removeRefused} editPath={hrefWith({ etape: null })} />
      )}
      {result && <RequestResult lines={result.lines} errors={result.errors} onAnother={startAgain} />}
    </Page>
  );
}

/** Another step takes the focus to its title, at the top. */
function useStepTitle(step: string) {
  const title = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    scrollTo(0, 0);
    title.current?.focus({ preventScroll: true });
  }, [step]);
  return title;
}

/** What the form itself can tell to be missing. */
function refusalsBefore({ sirets, services }: Request): FieldError[] {
  const n = sirets.length;
  const list = n === 0 ? words.missingSirets : n > MOST ? words.tooMany(n) : null;
  return [
    ...(list ? [{ field: 'sirets', message: list }] : []),
    ...(services.length ? [] : [{ field: 'services', message: words.missingServices }]),
  ];
}
