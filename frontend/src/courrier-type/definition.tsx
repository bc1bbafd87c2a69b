import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { fundName } from '../courrier/texts.ts';
import { today } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { announce } from '../ui/announcer.tsx';
import { Failure } from '../ui/failure.tsx';
import { Choices, ErrorSummary, Field, Select, typed, type FieldError } from '../ui/form.tsx';
import { ArrowLeft } from '../ui/icons.tsx';
import { useLeavingQuestion } from '../ui/leaving.ts';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { texts } from './texts.ts';

const DefinitionQuery = graphql(`
  query Definition {
    funds { code label }
    services { id code label }
    courrierTypes { id code label availableSince notifiesByEmail channel retentionMonths remindAfter escalateAfter followUpAfter fund { code } service { id code label } }
  }
`);

const DefineCourrierType = graphql(`
  mutation DefineCourrierType($input: DefineCourrierTypeInput!) { defineCourrierType(input: $input) { courrierType { id label } errors { code message path } } }
`);

type Known = ResultOf<typeof DefinitionQuery>;
type Model = Known['courrierTypes'][number];
type Input = VariablesOf<typeof DefineCourrierType>['input'];
const words = texts.definition;
const LIST = '/operateur/modeles';
const FIELDS = ['code', 'label', 'fund', 'service', 'channel', 'retentionMonths', 'availableSince', 'remindAfter', 'escalateAfter', 'followUpAfter'] as const;
const NET = ['remindAfter', 'escalateAfter', 'followUpAfter'] as const;
const USUAL = { remindAfter: 7, escalateAfter: 21, followUpAfter: 45 };
const TYPED = ['code', 'label', 'retentionMonths', 'availableSince'] as const;

/** A model of letter: a new one, or the one of a code. */
export default function Definition({ code }: { code?: string | undefined }) {
  const { data, error, again } = useAnswer(DefinitionQuery, {});
  const model = data?.courrierTypes.find((each) => each.code === code);
  const isUnknown = data && code !== undefined && !model;
  return (
    <Page title={model ? words.change(model.label) : words.add} className="page-text" above={<p class="above"><Link href={LIST}><ArrowLeft /> {words.back}</Link></p>}>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={8} />}
      {isUnknown && <p class="empty">{words.unknown}</p>}
      {data && !isUnknown && <><p class="lead">{model ? words.leadChange : words.leadAdd}</p><DefinitionForm known={data} model={model} /></>}
    </Page>
  );
}

function DefinitionForm({ known, model }: { known: Known; model: Model | undefined }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isTouched, touch] = useState(false);
  const [fund, setFund] = useState<Input['fund']>(model?.fund.code ?? known.funds[0]!.code);
  const [service, setService] = useState<string>(String(model?.service.code ?? known.services[0]?.code ?? ''));
  const [channel, setChannel] = useState<Input['channel']>(model?.channel ?? 'DIGITAL');
  useLeavingQuestion(isTouched, words.leave);
  const save = async (form: HTMLFormElement) => {
    if (isBusy) return;
    const wrong = TYPED.filter((field) => form.elements.namedItem(field) && !(field === 'retentionMonths' ? /^\d+$/ : /./).test(typed(form, field)))
      .map((field) => ({ field, message: words.missing[field] }));
    const days = NET.map((field) => ({ field, said: typed(form, field) }));
    const all = [...wrong, ...days.filter(({ said }) => !/^\d{1,3}$/.test(said)).map(({ field }) => ({ field, message: words.missingDays }))];
    if (all.length) return setErrors(all);
    const [remindAfter, escalateAfter, followUpAfter] = days.map(({ said }) => Number(said));
    const input: Input = {
      code: model?.code ?? typed(form, 'code').toUpperCase(), label: typed(form, 'label'), fund, service, channel, notifiesByEmail: new FormData(form).has('notifiesByEmail'),
      retentionMonths: Number(typed(form, 'retentionMonths')), availableSince: typed(form, 'availableSince'),
      remindAfter, escalateAfter, followUpAfter,
    };
    setBusy(true);
    const { data, error } = await change(client, DefineCourrierType, { input });
    setBusy(false);
    const refusals = refusalsOf(data?.defineCourrierType, error, [...FIELDS]);
    setErrors(refusals);
    if (refusals.length) return;
    touch(false);
    announce(words.saved(input.label));
    navigate(LIST);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void save(event.currentTarget as HTMLFormElement);
  };
  return (
    <form class="page-sections" onSubmit={submit} onInput={() => touch(true)} noValidate method="post">
      <ErrorSummary errors={errors} />
      <section class="card form" aria-labelledby="definition-model">
        <h2 id="definition-model">{words.model}</h2>
        {model
          ? <dl class="facts"><div><dt>{words.code}</dt><dd>{model.code}</dd></div><div><dt>{words.fund}</dt><dd>{fundName(model.fund.code)}</dd></div></dl>
          : <Field name="code" label={words.code} hint={words.codeHint} errors={errors} input={{ autocomplete: 'off', maxLength: 64, required: true, autocapitalize: 'characters', spellcheck: false }} />}
        <Field name="label" label={words.label} errors={errors} input={{ autocomplete: 'off', maxLength: 200, required: true, defaultValue: model?.label }} />
        {!model && <Select name="fund" label={words.fund} errors={errors} options={known.funds.map(({ code }) => ({ value: code, label: fundName(code) }))} value={fund} onChange={(value) => setFund(value as Input['fund'])} />}
        <Select name="service" label={words.service} errors={errors} options={known.services.map(({ code, label }) => ({ value: String(code), label }))} value={service} onChange={setService} />
      </section>
      <section class="card form" aria-labelledby="definition-sending">
        <h2 id="definition-sending">{words.sending}</h2>
        <Choices name="channel" legend={words.channelLabel} hint={words.channelHint} errors={errors} value={channel} onChange={setChannel}
          options={(['DIGITAL', 'DIGITAL_AND_POST'] as const).map((value) => ({ value, label: words.channel[value] }))} />
        <label class="checkbox"><input type="checkbox" name="notifiesByEmail" defaultChecked={model?.notifiesByEmail ?? true} /><span>{words.notifiesByEmail}</span></label>
      </section>
      <section class="card form" aria-labelledby="definition-net">
        <h2 id="definition-net">{words.net}</h2>
        <p class="soft">{words.netHelp}</p>
        {NET.map((field) => <Field key={field} name={field} label={words.netSteps[field]} errors={errors} input={{ inputMode: 'numeric', autocomplete: 'off', maxLength: 3, defaultValue: String(model?.[field] ?? USUAL[field]) }} />)}
      </section>
      <section class="card form" aria-labelledby="definition-keeping">
        <h2 id="definition-keeping">{words.keeping}</h2>
        <Field name="availableSince" label={words.availableSince} errors={errors} input={{ type: 'date', defaultValue: model?.availableSince ?? today(), required: true }} />
        <Field name="retentionMonths" label={words.retentionMonths} hint={words.retentionHint} errors={errors} input={{ inputMode: 'numeric', autocomplete: 'off', maxLength: 4, defaultValue: String(model?.retentionMonths ?? 120) }} />
      </section>
      <div class="actions">
        <button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.save}</button>
        <Link class="button" href={LIST}>{words.cancel}</Link>
      </div>
    </form>
  );
}
