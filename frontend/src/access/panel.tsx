import { useState } from 'preact/hooks';
import { Select } from '../ui/form.tsx';
import { texts } from './texts.ts';
import { WhyAnswer } from './why.tsx';

interface WhyPanelProps { userId: string; name: string; services: readonly { code: string; label: string }[] }

/** « Pourquoi ? » of an account, service by service, for its administrators and operators. */
export function WhyPanel({ userId, name, services }: WhyPanelProps) {
  const [service, choose] = useState('');
  return (
    <section class="card" aria-labelledby="why-panel">
      <h2 id="why-panel">{texts.panel.title}</h2>
      <p class="hint">{texts.panel.lead(name)}</p>
      <Select name="why-service" label={texts.panel.service} value={service} onChange={choose}
        options={[{ value: '', label: texts.panel.choose }, ...services.map(({ code, label }) => ({ value: code, label }))]} />
      {service && <WhyAnswer key={service} userId={userId} service={service} />}
    </section>
  );
}
