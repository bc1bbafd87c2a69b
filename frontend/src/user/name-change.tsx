import { useState } from 'preact/hooks';
import { Confirmation } from '../ui/dialog.tsx';
import { Field, typed, type FieldError } from '../ui/form.tsx';
import { Warning } from '../ui/icons.tsx';
import { texts } from './texts.ts';

const words = texts.nameChange;

interface NameChangeProps {
  before: string;
  after: string;
  email: string;
  pendingEmail: string | null;
  /** It is the administrator's own account. */
  isOwn: boolean;
  onConfirm: (reason: string) => void;
  onClose: () => void;
}

/** A real change of name is the same person's for a reason: asked for, with all that it brings about. */
export function NameChange({ before, after, email, pendingEmail, isOwn, onConfirm, onClose }: NameChangeProps) {
  const [errors, setErrors] = useState<FieldError[]>([]);
  const confirm = (form: HTMLFormElement) => {
    const reason = typed(form, 'nameChangeReason').replace(/\s+/g, ' ');
    if (reason.length >= 3) return onConfirm(reason);
    setErrors([{ field: 'nameChangeReason', message: words.missing }]);
    document.getElementById('nameChangeReason')?.focus();
    return false;
  };
  return (
    <Confirmation title={words.title(before)} action={words.confirm} onConfirm={confirm} onClose={onClose}>
      <p>{words.becomes(before, after)}</p>
      <ul class="dialog-list">
        <li>{words.sessions}</li>
        <li>{pendingEmail ? words.toldBoth(email, pendingEmail) : words.told(email)}</li>
        <li>{words.journal}</li>
      </ul>
      {isOwn && <p class="notice notice-warn"><Warning /> <span>{words.own}</span></p>}
      <Field name="nameChangeReason" label={words.reason} hint={words.reasonHint} errors={errors} input={{ autocomplete: 'off', required: true, maxLength: 500 }} />
    </Confirmation>
  );
}
