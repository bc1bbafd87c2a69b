import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { fundName } from '../courrier/texts.ts';
import { inWords, withTime } from '../dates.ts';
import { Check, Warning } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { texts } from './texts.ts';
import './verification.css';

interface Actor { name: string | null; capacity: 'ESTABLISHMENT' | 'DELEGATION' | 'OPERATOR'; establishment: { name: string; siret: string } | null }
interface Fact { kind: keyof typeof texts.kinds; at: string; by: Actor | null; detail: string | null }
interface Said {
  number: string;
  issued_at: string;
  courrier: {
    fund: { code: string; label: string }; type: { code: string; label: string }; reference: string; letter_date: string;
    establishment: { name: string; siret: string }; available_at: string; withdrawn_at: string | null;
  };
  documents: { role: 'LETTER' | 'ATTACHMENT'; sha256: string | null; size: number | null }[];
  facts: Fact[];
}
interface Answer { verdict: keyof typeof texts.verdict; certificate?: Said | null; journalHolds?: boolean | null }

/** Whether a certificate is genuine, and whether a file is its letter: for anybody, without signing in (R-COU-15). */
export default function Verification() {
  const [state, setState] = useState<Answer | 'waiting' | 'failed' | null>(null);
  const verify = async (file: File) => {
    setState('waiting');
    try {
      const response = await fetch('/verification/certificat', { method: 'POST', body: file, headers: { 'content-type': file.type || 'application/octet-stream' } });
      setState((await response.json()) as Answer);
    } catch {
      setState('failed');
    }
  };
  const answer = state && typeof state === 'object' ? state : null;
  return (
    <Page title={texts.title} className="page-text">
      <p class="lead">{texts.lead}</p>
      <p><Link href="/guides/verifier-un-certificat">{texts.guide}</Link></p>
      <section class="card" aria-labelledby="verification-bring">
        <h2 id="verification-bring">{texts.bring}</h2>
        <Drop name="certificat" label={texts.choose} hint={texts.hint} accept="application/pdf,application/json,.pdf,.json" onFile={(file) => void verify(file)} />
      </section>
      <div role="status">
        {state === 'waiting' && <p>{texts.waiting}</p>}
        {state === 'failed' && <p class="notice notice-bad"><Warning /> <span>{texts.failed}</span></p>}
        {answer && <Verdict answer={answer} />}
      </div>
      {answer?.verdict === 'GENUINE' && answer.certificate && <Content said={answer.certificate} />}
    </Page>
  );
}

function Verdict({ answer: { verdict, journalHolds } }: { answer: Answer }) {
  const isGenuine = verdict === 'GENUINE';
  return (
    <div class={`notice ${isGenuine ? 'notice-good' : 'notice-bad'}`}>
      {isGenuine ? <Check /> : <Warning />}
      <div>
        <h2>{texts.verdict[verdict]}</h2>
        <p>{texts.verdictHelp[verdict]}</p>
        {isGenuine && <p>{journalHolds ? texts.journalHolds : texts.journalChanged}</p>}
      </div>
    </div>
  );
}

function Content({ said }: { said: Said }) {
  const { courrier, documents, facts } = said;
  return (
    <>
      <section class="card" aria-labelledby="verification-said">
        <h2 id="verification-said">{texts.said}</h2>
        <dl class="facts facts-wide">
          <div><dt>{texts.establishment}</dt><dd>{courrier.establishment.name}<br /><span class="soft">SIRET {courrier.establishment.siret}</span></dd></div>
          <div><dt>{texts.fund}</dt><dd>{fundName(courrier.fund.code)}</dd></div>
          <div><dt>{texts.type}</dt><dd>{courrier.type.label}</dd></div>
          <div><dt>{texts.reference}</dt><dd>{courrier.reference}</dd></div>
          <div><dt>{texts.letterDate}</dt><dd>{inWords(courrier.letter_date)}</dd></div>
          <div><dt>{texts.availableAt}</dt><dd>{withTime(courrier.available_at)}</dd></div>
          {courrier.withdrawn_at && <div><dt>{texts.withdrawnAt}</dt><dd>{withTime(courrier.withdrawn_at)}</dd></div>}
          <div><dt>{texts.issuedAt}</dt><dd>{withTime(said.issued_at)}</dd></div>
          <div><dt>{texts.number}</dt><dd><code class="seal">{said.number}</code></dd></div>
          {documents.map(({ sha256 }) => sha256 && <div key={sha256}><dt>{texts.documents}</dt><dd><code class="seal">{sha256}</code></dd></div>)}
        </dl>
      </section>
      <IsItTheLetter documents={documents} />
      <section class="card" aria-labelledby="verification-facts">
        <h2 id="verification-facts">{texts.facts}</h2>
        <Table caption={texts.facts} className="table-plain" rows={facts.map((fact, place) => ({ ...fact, place }))} keyOf={({ place }) => String(place)} columns={[
          { header: texts.fact, isRowHeader: true, cell: ({ kind, detail }) => <>{texts.kinds[kind] ?? kind}{detail && <span class="line soft">{detail}</span>}</> },
          { header: texts.when, cell: ({ at }) => withTime(at) },
          { header: texts.who, cell: ({ by }) => whoOf(by) },
        ]} />
      </section>
    </>
  );
}

function whoOf(by: Actor | null): string {
  if (!by) return texts.nobody;
  if (by.capacity === 'OPERATOR' || !by.name) return texts.operator;
  return (by.capacity === 'DELEGATION' ? texts.delegated : texts.atHome)(by.name, by.establishment?.name ?? '');
}

/** The file is hashed here, and goes nowhere. */
function IsItTheLetter({ documents }: { documents: Said['documents'] }) {
  const [told, tell] = useState<{ isGood: boolean; text: string } | null>(null);
  const compare = async (file: File) => {
    try {
      const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
      const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      const found = documents.find(({ sha256 }) => sha256 === hash);
      tell({ isGood: !!found, text: (!found ? texts.isNot : found.role === 'LETTER' ? texts.isLetter : texts.isAttachment)(file.name) });
    } catch {
      tell({ isGood: false, text: texts.unreadable });
    }
  };
  return (
    <section class="card" aria-labelledby="verification-letter">
      <h2 id="verification-letter">{texts.letter}</h2>
      <p class="soft">{texts.letterHelp}</p>
      <Drop name="courrier" label={texts.chooseLetter} onFile={(file) => void compare(file)} />
      <div role="status">{told && <p class={`notice ${told.isGood ? 'notice-good' : 'notice-bad'}`}>{told.isGood ? <Check /> : <Warning />} <span>{told.text}</span></p>}</div>
    </section>
  );
}

interface DropProps { name: string; label: string; hint?: string; accept?: string; onFile: (file: File) => void }

/** A file, chosen or dropped. */
function Drop({ name, label, hint, accept, onFile }: DropProps) {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div class={isOver ? 'drop drop-over' : 'drop'} onDragOver={over} onDragLeave={() => setOver(false)} onDrop={drop}>
      <div class="field">
        <label for={name}>{label}</label>
        {hint && <p class="hint" id={`${name}-hint`}>{hint}</p>}
        <input id={name} type="file" accept={accept} aria-describedby={hint && `${name}-hint`} onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onFile(file);
        }} />
      </div>
    </div>
  );
}
