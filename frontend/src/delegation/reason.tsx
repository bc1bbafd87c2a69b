import { useState } from 'preact/hooks';
import { Confirmation } from '../ui/dialog.tsx';
import { LongField, typed, type FieldError } from '../ui/form.tsx';
import { texts } from './texts.ts';

const words = texts.one;

interface ReasonDialogProps {
  title: string;
  /** What it means. */
  what: string;
  action: string;
  missing: string;
  reason: string;
  onReason: (reason: string) => void;
  onConfirm: (reason: string) => void;
  onClose: () => void;
}

/** A question, with the reason the other party reads; what was typed is kept by who asks, should it be refused or given up. */
export function ReasonDialog({ title, what, action, missing, reason, onReason, onConfirm, onClose }: ReasonDialogProps) {
  const [errors, setErrors] = useState<FieldError[]>([]);
  const confirm = (form: HTMLFormElement) => {
    const why = typed(form, 'reason');
    if (why) return onConfirm(why);
    setErrors([{ field: 'reason', message: missing }]);
    form.querySelector('textarea')?.focus();
    return false;
  };
  return (
    <Confirmation title={title} action={action} isDangerous onConfirm={confirm} onClose={onClose}>
      <p>{what}</p>
      <LongField name="reason" label={words.reason} hint={words.reasonHint} errors={errors} input={{ value: reason, maxLength: 1000, required: true, onInput: (event) => onReason(event.currentTarget.value) }} />
    </Confirmation>
  );
}
